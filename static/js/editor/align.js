// What two texts have in common, in two steps: lines first, then words inside the lines that differ.
const MOST_STEPS = 1_000; // insertions and deletions looked for; stretches further apart have nothing in common

const lines = (text) => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
const words = (text) => text.match(/\n|[^\S\n]+|[\p{L}\p{N}\p{M}]+|[^]/gu) ?? [];

// The stretches that both texts have, in order, in UTF-16 units: [{old, new, size}].
export function equalBlocks(before, after) {
  const [old, fresh] = [lines(before), lines(after)];
  const blocks = [];
  let [oldAt, newAt, oldLine, newLine] = [0, 0, 0, 0];
  for (const run of [...align(old, fresh), { old: old.length, new: fresh.length, size: 0 }]) {
    const gone = old.slice(oldLine, run.old).join("");
    const come = fresh.slice(newLine, run.new).join("");
    for (const block of wordBlocks(gone, come)) add(blocks, oldAt + block.old, newAt + block.new, block.size);
    const size = old.slice(run.old, run.old + run.size).join("").length;
    oldAt += gone.length;
    newAt += come.length;
    add(blocks, oldAt, newAt, size);
    oldAt += size;
    newAt += size;
    oldLine = run.old + run.size;
    newLine = run.new + run.size;
  }
  return blocks;
}

function add(blocks, old, fresh, size) {
  const last = blocks.at(-1);
  if (last && last.old + last.size === old && last.new + last.size === fresh) last.size += size;
  else if (size) blocks.push({ old, new: fresh, size });
}

function wordBlocks(gone, come) {
  const [old, fresh] = [words(gone), words(come)];
  const blocks = [];
  let [oldAt, newAt, oldWord, newWord] = [0, 0, 0, 0];
  const sizeOf = (list, from, to) => list.slice(from, to).join("").length;
  for (const run of align(old, fresh)) {
    oldAt += sizeOf(old, oldWord, run.old);
    newAt += sizeOf(fresh, newWord, run.new);
    const same = old.slice(run.old, run.old + run.size).join("");
    // A space or a comma between two words that changed is part of the change.
    const isInside = oldAt > 0 && newAt > 0 && oldAt + same.length < gone.length && newAt + same.length < come.length;
    if (!isInside || /[\p{L}\p{N}]/u.test(same)) blocks.push({ old: oldAt, new: newAt, size: same.length });
    oldAt += same.length;
    newAt += same.length;
    oldWord = run.old + run.size;
    newWord = run.new + run.size;
  }
  return blocks;
}

// The longest common runs of two lists, in order: [{old, new, size}].
export function align(old, fresh) {
  let head = 0;
  while (head < old.length && head < fresh.length && old[head] === fresh[head]) head += 1;
  let tail = 0;
  while (tail < Math.min(old.length, fresh.length) - head && old.at(-1 - tail) === fresh.at(-1 - tail)) tail += 1;
  const runs = [];
  add(runs, 0, 0, head);
  const middle = shortestWay(old.slice(head, old.length - tail), fresh.slice(head, fresh.length - tail));
  for (const [x, y] of middle) add(runs, head + x, head + y, 1);
  add(runs, old.length - tail, fresh.length - tail, tail);
  return runs;
}

// Pairs of places that stand for each other (Myers 1986), every round kept to be walked back.
function shortestWay(old, fresh) {
  const most = Math.min(old.length + fresh.length, MOST_STEPS);
  const middle = most + 1;
  const reached = new Int32Array(2 * most + 3);
  const rounds = [];
  for (let edits = 0; edits <= most; edits += 1) {
    rounds.push(reached.slice(middle - edits - 1, middle + edits + 2));
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      const [below, above] = [reached[middle + diagonal - 1], reached[middle + diagonal + 1]];
      let x = diagonal === -edits || (diagonal !== edits && below < above) ? above : below + 1;
      while (x < old.length && x - diagonal < fresh.length && old[x] === fresh[x - diagonal]) x += 1;
      reached[middle + diagonal] = x;
      if (x >= old.length && x - diagonal >= fresh.length) return walkBack(rounds, x, x - diagonal);
    }
  }
  return [];
}

function walkBack(rounds, endX, endY) {
  const pairs = [];
  let [x, y] = [endX, endY];
  for (let edits = rounds.length - 1; edits >= 0; edits -= 1) {
    const diagonal = x - y;
    const round = (wanted) => rounds[edits][wanted + edits + 1];
    const isDown = diagonal === -edits || (diagonal !== edits && round(diagonal - 1) < round(diagonal + 1));
    const from = isDown ? diagonal + 1 : diagonal - 1;
    const startX = edits ? round(from) : 0;
    const startY = edits ? startX - from : 0;
    while (x > startX && y > startY) pairs.push([(x -= 1), (y -= 1)]);
    [x, y] = [startX, startY];
  }
  return pairs.reverse();
}
