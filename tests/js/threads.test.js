// What discussions compute without a page: sentences, stretches of overlapping passages, places in the margin.
import assert from "node:assert/strict";
import test from "node:test";

import { place } from "../../static/js/threads/placing.js";
import { sentences } from "../../static/js/threads/sentences.js";
import { stretches } from "../../static/js/threads/stretches.js";

const cut = (text, language = "fr") => sentences(text, language).map(([start, end]) => text.slice(start, end));

test("a text is cut into its sentences, in doubt not", () => {
  assert.deepEqual(cut(" Une phrase. Une autre ! Et « une dernière ? » dit-on… Oui."), ["Une phrase.", "Une autre !", "Et « une dernière ? » dit-on…", "Oui."]);
  assert.deepEqual(cut("Voir art. 8 et M. J. Dupont, etc. C’est tout."), ["Voir art. 8 et M. J. Dupont, etc. C’est tout."]);
  assert.deepEqual(cut("1. Le budget vient. La suite 8.a. tient en 2.5 points. fin."), ["1. Le budget vient.", "La suite 8.a. tient en 2.5 points. fin."]);
  assert.deepEqual(cut("Bijv. dhr. Jansen. Klaar.", "nl"), ["Bijv. dhr. Jansen.", "Klaar."]);
  assert.deepEqual(cut("Un 😀. Deux."), ["Un 😀.", "Deux."]);
  assert.deepEqual(cut(" \n "), []);
});

test("overlapping passages become stretches, each with those that cover it, the shortest first", () => {
  const spans = [
    { id: 1, from: 0, to: 10 },
    { id: 2, from: 5, to: 8 },
    { id: 3, from: 8, to: 20 },
    { id: 4, from: 30, to: 31 },
  ];
  assert.deepEqual(stretches(spans), [
    { from: 0, to: 5, ids: [1] },
    { from: 5, to: 8, ids: [2, 1] },
    { from: 8, to: 10, ids: [1, 3] },
    { from: 10, to: 20, ids: [3] },
    { from: 30, to: 31, ids: [4] },
  ]);
  assert.deepEqual(stretches([]), []);
});

test("cards stand beside their passages, below one another and around what is there", () => {
  const cards = [10, 20, 300, 310].map((top) => ({ top, height: 50 }));
  assert.deepEqual(place(cards, [], 8), [10, 68, 300, 358]);
  assert.deepEqual(place(cards, [{ top: 0, height: 100 }, { top: 290, height: 40 }], 8), [108, 166, 338, 396]);
});

test("no two of many cards overlap, and none stands above its passage", () => {
  let seed = 7;
  const chance = (most) => (seed = (seed * 48271) % 2147483647) % most;
  for (let round = 0; round < 200; round += 1) {
    const cards = Array.from({ length: chance(40) }, () => ({ top: chance(2_000), height: 20 + chance(80) })).sort((one, other) => one.top - other.top);
    const taken = [{ top: chance(500), height: chance(300) }, { top: 800 + chance(500), height: chance(300) }];
    const tops = place(cards, taken);
    const boxes = cards.map(({ height }, index) => ({ top: tops[index], height }));
    boxes.forEach(({ top }, index) => assert.ok(top >= cards[index].top, `seed 7, round ${round}`));
    boxes.slice(1).forEach((box, index) => assert.ok(box.top >= boxes[index].top + boxes[index].height, `seed 7, round ${round}`));
    for (const other of taken) for (const box of boxes) assert.ok(box.top >= other.top + other.height || box.top + box.height <= other.top, `seed 7, round ${round}`);
  }
});
