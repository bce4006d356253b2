// What Word and its kin put on the clipboard, brought to the HTML that others write: lists, notes, styles.

// Markers of lists that Word writes as text.
const NUMBER = /^(?:\d{1,3}|[a-z]|[ivxlc]{1,6})[.)]$/i;

// Before parsing: conditional comments go, and styles are kept under another name, or the page's content security policy
// would report each of them.
export const harmless = (html) =>
  html
    .replace(/<!--\[if [^\]]*\]>[\s\S]*?<!\[endif\]-->/gi, "")
    .replace(/<!\[(?:if|endif)[^>]*>/gi, "")
    .replace(/<(style|script|noscript|template|svg|xml|title)\b[\s\S]*?<\/\1\s*>/gi, "")
    .replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/\sstyle\s*=/gi, " data-css="));

export function styleOf(node, name) {
  const found = new RegExp(`(?:^|;)\\s*${name}\\s*:\\s*([^;]*)`, "i").exec(node.dataset?.css ?? "");
  return found ? found[1].trim().toLowerCase() : "";
}

// Word's list items are paragraphs that say their list and level (`mso-list: l0 level2 lfo1`).
function levelOf(paragraph) {
  const list = styleOf(paragraph, "mso-list");
  if (!list || list === "none" || list === "ignore") return 0;
  return Number(/level(\d)/.exec(list)?.[1] ?? 1);
}

// Takes the marker out of a list paragraph and returns its words ("·", "1.", "a)").
function takeMarker(paragraph) {
  const ignored = [...paragraph.querySelectorAll("span")].filter((span) => styleOf(span, "mso-list") === "ignore");
  const words = ignored.map((span) => span.textContent).join("").replace(/\s/g, "");
  for (const span of ignored) span.remove();
  if (words) return words;
  const first = paragraph.firstChild;
  const typed = /^\s*([·•o§▪◦‣-]|(?:\d{1,3}|[a-z])[.)])[\s\u00a0]+/.exec(first?.textContent ?? "");
  if (typed && first.nodeType === Node.TEXT_NODE) first.data = first.data.slice(typed[0].length);
  return typed?.[1] ?? "";
}

function lists(document) {
  let open = []; // the lists that are open, outermost first
  for (const block of document.querySelectorAll("p, h1, h2, h3, h4, h5, h6, div, table, ul, ol")) {
    const level = block.tagName === "P" ? levelOf(block) : 0;
    if (!level) {
      if (!block.closest("ul, ol")) open = [];
      continue;
    }
    const kind = NUMBER.test(takeMarker(block)) ? "OL" : "UL";
    open = open.slice(0, level);
    if (open.length === level && open.at(-1).tagName !== kind) open.pop();
    while (open.length < level) open.push(opened(block, kind, open.at(-1)));
    const item = document.createElement("li");
    item.append(...block.childNodes);
    open.at(-1).append(item);
    block.remove();
  }
}

// A new list before the paragraph, or in the last item of the list around it.
function opened(paragraph, kind, outer) {
  const list = paragraph.ownerDocument.createElement(kind);
  if (!outer) paragraph.before(list);
  else (outer.lastElementChild ?? outer.appendChild(paragraph.ownerDocument.createElement("li"))).append(list);
  return list;
}

// Footnotes: calls become `<sup data-note>`, notes `<div data-note>`, which both carry the same name.
function notes(document) {
  for (const call of document.querySelectorAll("a[href*='#_ftn'], a[href*='#_edn']")) {
    const [, name, isBack] = /#_((?:ftn|edn)(ref)?\d+)/.exec(call.getAttribute("href")) ?? [];
    if (!name) continue;
    if (isBack) call.remove();
    else {
      const mark = document.createElement("sup");
      mark.dataset.note = name;
      call.replaceWith(mark);
    }
  }
  for (const note of document.querySelectorAll("div[id^='ftn'], div[id^='edn']")) note.dataset.note = note.id;
  for (const division of document.querySelectorAll("div")) {
    if (!/^(?:foot|end)note-list$/.test(styleOf(division, "mso-element"))) continue;
    for (const rule of division.querySelectorAll(":scope > hr")) rule.remove();
  }
}

export function untangle(document) {
  notes(document);
  lists(document);
}
