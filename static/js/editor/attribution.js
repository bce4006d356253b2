// Carries who wrote what from a section's Markdown to other words of it: as it is rendered, or as it reads a moment later.
import { align } from "./align.js";

const WORD = /[\p{L}\p{N}\p{M}]+/gu;

// Runs [person or null, length] end to end over `target`, for runs over `text`. Words are compared, since marks, spaces
// and numbers differ; what stands behind a word is whose it is behind that word in the Markdown.
export function runsOfWords({ text, runs }, target) {
  const [known, shown] = [text, target].map((each) => [...each.matchAll(WORD)]);
  const authorAt = authors(runs);
  const result = [];
  let end = 0;
  let behind = null;
  const add = (person, length) => {
    if (!length) return;
    if (result.length && result.at(-1)[0] === person) result.at(-1)[1] += length;
    else result.push([person, length]);
  };
  matched(known, shown).forEach((place, index) => {
    const word = shown[index];
    add(behind, word.index - end);
    for (let at = 0; at < word[0].length; at += 1) add(place === null ? null : authorAt(known[place].index + at), 1);
    end = word.index + word[0].length;
    behind = place === null ? null : authorAt(known[place].index + word[0].length);
  });
  add(behind, target.length - end);
  return result;
}

// For each word that is shown its number among the known ones, or null. What stands elsewhere, as footnotes do, is looked
// for among the words that are left.
function matched(known, shown) {
  const [old, fresh] = [known, shown].map((words) => words.map(([word]) => word));
  const places = fresh.map(() => null);
  const left = new Map();
  let at = 0;
  for (const run of [...align(old, fresh), { old: old.length, new: fresh.length, size: 0 }]) {
    for (; at < run.old; at += 1) left.set(old[at], [...(left.get(old[at]) ?? []), at]);
    for (let step = 0; step < run.size; step += 1) places[run.new + step] = run.old + step;
    at = run.old + run.size;
  }
  let last = -1;
  return places.map((place, index) => {
    if (place !== null) return place;
    const found = left.get(shown[index][0]) ?? [];
    const next = Math.max(0, found.findIndex((each) => each > last));
    const [taken = null] = found.splice(next, 1);
    last = taken ?? last;
    return taken;
  });
}

// A lookup of the author of a character, by halving.
function authors(runs) {
  const ends = [];
  let sum = 0;
  for (const [, length] of runs) ends.push((sum += length));
  return (at) => {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ends[middle] <= at) low = middle + 1;
      else high = middle;
    }
    return runs[low]?.[0] ?? null;
  };
}
