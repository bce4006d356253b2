// When the document moved on without us, or the hub refused something: what is put in by itself, and what a person has
// to choose about.
import * as Y from "yjs";
import { isClean, merge, together } from "./merge.js";

// Why chunks must not simply be sent, by section: Map of key → "frozen" | "retired" | "rights"; empty where they may.
export function movedOn(chunks, { sections, latest }) {
  const byKey = new Map(sections.map((section) => [section.key, section]));
  const reasons = new Map();
  for (const chunk of chunks) {
    for (const key of chunk.keys) {
      const section = byKey.get(key);
      if (!section || section.is_retired) reasons.set(key, "retired");
      else if (!section.may_edit) reasons.set(key, "rights");
      else if (chunk.latest < latest && !reasons.has(key)) reasons.set(key, "frozen");
    }
  }
  return reasons;
}

// Takes the hub's state as ours, and out of the outbox what the hub lacks; returns that, and what becomes of it.
// What others may hold, and hand to the hub yet, is never put in a second time unasked.
export function startOver(known, outbox, { message, lacks, isAsked, isRefused }) {
  const { chunks } = outbox;
  const dropped = chunks.filter(({ update }) => lacks(update));
  const updates = (some) => some.map(({ update }) => update);
  const base = known.document(updates(chunks.filter((chunk) => !dropped.includes(chunk))));
  const mine = known.document(updates(chunks));
  known.begin(message.update);
  outbox.remove(dropped);
  const theirs = known.document();
  const keys = new Set(dropped.flatMap((chunk) => chunk.keys));
  const reasons = movedOn(dropped, message);
  const shown = new Set(isRefused ? [] : dropped.filter((chunk) => chunk.wasSent).flatMap((chunk) => chunk.keys));
  const isAskedFor = (key) => isAsked || reasons.has(key) || shown.has(key);
  const { puts, choices } = sortOut({ base, mine, theirs, keys, reasons, sections: message.sections, isAskedFor });
  choices.push(...homeless(dropped, { mine, theirs, reasons, sections: message.sections }));
  return { state: Y.encodeStateAsUpdate(theirs), dropped, puts, choices };
}

// What was typed on top of something that this device has no longer: another window of the same person has let go of it
// meanwhile. Its place cannot be found, its words can: they are asked about, at the end of their section.
function homeless(chunks, { mine, theirs, reasons, sections }) {
  const known = Y.decodeStateVector(Y.encodeStateVector(mine));
  const words = new Map();
  for (const { update, keys } of chunks) {
    const isLost = ({ id, length }) => (known.get(id.client) ?? 0) < id.clock + length;
    const typed = Y.decodeUpdate(update).structs.filter(isLost).map(({ content }) => content?.str ?? "").join("");
    if (typed) words.set(keys[0], (words.get(keys[0]) ?? "") + typed);
  }
  return [...words].map(([key, typed]) => {
    const now = theirs.getText(key).toString();
    return asChoice({ key, was: now, typed: now ? `${now}\n\n${typed}` : typed, now, reasons, sections });
  });
}

function asChoice({ key, was, typed, now, reasons, sections }) {
  const at = Date.now();
  const id = `${at}.${Math.random().toString(36).slice(2)}`;
  const title = sections.find((each) => each.key === key)?.title ?? "";
  return { id, at, key, title, base: was, mine: typed, theirs: now, why: reasons.get(key) ?? "refused", isDecided: false };
}

// What to do with the sections that were changed here: `puts` [{key, text}] go in by themselves, `choices` are asked.
// The documents are those of what all had, of that with what was typed here, and of the hub.
function sortOut({ base, mine, theirs, keys, reasons, sections, isAskedFor }) {
  const [puts, choices] = [[], []];
  for (const key of keys) {
    const [was, typed, now] = [base, mine, theirs].map((doc) => doc.getText(key).toString());
    if (typed === was || typed === now) continue;
    const pieces = merge(was, typed, now);
    if (!isAskedFor(key) && isClean(pieces)) {
      puts.push({ key, text: together(pieces) });
      continue;
    }
    choices.push(asChoice({ key, was, typed, now, reasons, sections }));
  }
  return { puts, choices };
}

// The text with the changes of a choice in it.
export const withChanges = ({ base, mine }, now) => together(merge(base, mine, now));
