// Cuts the text of a block into sentences, as sip/drafts/texts/sentences.py does; in doubt it does not cut.
const END = /[.!?…]+[\u202f\u00a0 ]?(?:[»”"’')\]]+)?(?=\s)/g;
const ALWAYS = "cf etc ex nb no p pp vs env tél tel";
const ABBREVIATIONS = {
  fr: "m mm mme mmes mlle dr pr me mgr st ste art al chap fig sect vol éd ed n nos par réf ref av bd apr janv févr avr juil sept oct nov déc p.ex",
  nl: "art blz bv bijv ca d.w.z dhr dr drs enz evt i.p.v ing ir m.a.w mevr mr nl nr o.a o.m prof resp t.o.v vgl zgn z.o.z",
  en: "mr mrs ms dr prof st art ch fig sec vol ed e.g i.e al approx inc ltd jan feb aug sept oct nov dec",
};
const LAST_WORD = /([\p{L}\p{N}_.·-]*)\.+$/u;
const NEXT_SIGN = /^[\s«“"‘'([–—-]*(\S)/u;

const shortWords = (language) => new Set(`${ALWAYS} ${ABBREVIATIONS[language.slice(0, 2).toLowerCase()] ?? ABBREVIATIONS.en}`.split(" "));

// What looks like the end of a sentence is none after an abbreviation, or before a small letter.
function goesOn(text, { index, 0: found }, short) {
  const following = NEXT_SIGN.exec(text.slice(index + found.length));
  if (!following) return false;
  if (/\p{Ll}/u.test(following[1])) return true;
  const stop = found.trim();
  if (!stop.startsWith(".") || stop.replace(/[»”"’')\] \u202f\u00a0]+$/, "").length > 1) return false;
  const before = LAST_WORD.exec(text.slice(Math.max(index - 20, 0), index + 1))?.[1].toLowerCase() ?? "";
  // Initials, "8.a." and numbers of lists: "M. J. Dupont", "1. Le budget".
  return short.has(before) || /^\p{L}$/u.test(before) || (/^\p{N}+$/u.test(before) && text.slice(0, index).trim() === before);
}

// Start and end of each sentence, without the white space around it.
export function sentences(text, language) {
  const short = shortWords(language);
  const found = [];
  const add = (start, end) => {
    const part = text.slice(start, end);
    if (part.trim()) found.push([start + part.length - part.trimStart().length, start + part.trimEnd().length]);
  };
  let start = 0;
  for (const match of text.matchAll(END)) {
    if (goesOn(text, match, short)) continue;
    add(start, match.index + match[0].length);
    start = match.index + match[0].length;
  }
  add(start, text.length);
  return found;
}
