// Two texts that were made from the same one become one again, by words; also as an edit of a shared text.
import { equalBlocks } from "./align.js";

const MOST_EDITS = 400; // of one change

// [{text}] where the sides agree or only one changed, [{base, mine, theirs}] where both changed the same place.
export function merge(base, mine, theirs) {
  const sides = { mine, theirs };
  const pieces = [];
  let baseAt = 0;
  for (const { start, end, touched } of clusters(changes(base, mine), changes(base, theirs))) {
    pieces.push({ text: base.slice(baseAt, start) });
    const ours = rewritten(base, sides.mine, start, end, touched.mine);
    const others = rewritten(base, sides.theirs, start, end, touched.theirs);
    if (!touched.mine.length || ours === others) pieces.push({ text: others });
    else if (!touched.theirs.length) pieces.push({ text: ours });
    else pieces.push({ base: base.slice(start, end), mine: ours, theirs: others });
    baseAt = end;
  }
  pieces.push({ text: base.slice(baseAt) });
  return pieces.filter((piece) => piece.text !== "");
}

export const isClean = (pieces) => pieces.every((piece) => "text" in piece);

// One text of a merge. Where both changed the same place, both stand there, theirs first: no word goes unseen.
export const together = (pieces) => pieces.map((piece) => piece.text ?? both(piece)).join("");

function both({ base, mine, theirs }) {
  if (!mine.trim() || !theirs.trim()) return mine.trim() ? mine : theirs;
  const isParagraph = /\n\s*$/.test(base) || mine.includes("\n") || theirs.includes("\n");
  const [head, end] = [theirs.trimEnd(), theirs.slice(theirs.trimEnd().length)];
  return isParagraph ? `${head}\n\n${mine.trimStart()}` : `${head} ${mine.trim()}${end}`;
}

function changes(base, side) {
  const found = [];
  let [baseAt, at] = [0, 0];
  for (const block of [...equalBlocks(base, side), { old: base.length, new: side.length, size: 0 }]) {
    if (baseAt !== block.old || at !== block.new) found.push({ baseStart: baseAt, baseEnd: block.old, start: at, end: block.new });
    baseAt = block.old + block.size;
    at = block.new + block.size;
  }
  return found;
}

// Changes of both sides that overlap or touch belong together.
function clusters(mine, theirs) {
  const sorted = [...mine.map((change) => [change, "mine"]), ...theirs.map((change) => [change, "theirs"])];
  sorted.sort(([a], [b]) => a.baseStart - b.baseStart || a.baseEnd - b.baseEnd);
  const found = [];
  for (const [change, side] of sorted) {
    let last = found.at(-1);
    if (!last || change.baseStart > last.end) {
      last = { start: change.baseStart, end: change.baseEnd, touched: { mine: [], theirs: [] } };
      found.push(last);
    }
    last.touched[side].push(change);
    last.end = Math.max(last.end, change.baseEnd);
  }
  return found;
}

// What a side has in place of base[start…end], which its changes do not leave.
function rewritten(base, side, start, end, touched) {
  let [at, text] = [start, ""];
  for (const change of touched) {
    text += base.slice(at, change.baseStart) + side.slice(change.start, change.end);
    at = change.baseEnd;
  }
  return text + base.slice(at, end);
}

// Brings a Y.Text to `wanted`; what stays the same is left alone, so cursors and other people's typing keep their place.
// Where very much is different, all between the first and the last difference is written anew.
export function bringTo(shared, wanted) {
  const all = changes(shared.toString(), wanted);
  const [first, last] = [all.at(0), all.at(-1)];
  const made = all.length > MOST_EDITS ? [{ ...last, baseStart: first.baseStart, start: first.start }] : all;
  for (const { baseStart, baseEnd, start, end } of made.reverse()) {
    if (baseEnd > baseStart) shared.delete(baseStart, baseEnd - baseStart);
    if (end > start) shared.insert(baseStart, wanted.slice(start, end));
  }
}
