// Differences and merges by words, on texts made by chance from a fixed seed too.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as Y from "yjs";
import { equalBlocks } from "../../static/js/editor/align.js";
import { bringTo, isClean, merge, together } from "../../static/js/editor/merge.js";

function chance(seed) {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * below);
  };
}

const WORDS = ["le", "chat", "noir", "dort", "été", "👩‍🌾", "café", "coopérateur·rices", "\n", "\n\n", "e\u0301", "—", "12,5"];
const textOf = (pick, length) => Array.from({ length }, () => WORDS[pick(WORDS.length)]).join(" ");

function changed(pick, text) {
  const words = text.split(" ");
  for (let count = pick(6); count > 0; count -= 1) {
    const at = pick(words.length + 1);
    words.splice(at, pick(3), ...Array.from({ length: pick(3) }, () => WORDS[pick(WORDS.length)]));
  }
  return words.join(" ");
}

test("equal stretches are equal, in order, and apart", () => {
  const pick = chance(1);
  for (let round = 0; round < 400; round += 1) {
    const before = textOf(pick, pick(60));
    const after = changed(pick, before);
    let [old, fresh] = [0, 0];
    for (const block of equalBlocks(before, after)) {
      assert.ok(block.old >= old && block.new >= fresh && block.size > 0);
      assert.equal(before.slice(block.old, block.old + block.size), after.slice(block.new, block.new + block.size));
      [old, fresh] = [block.old + block.size, block.new + block.size];
    }
  }
});

test("a text that only one side changed becomes that side's", () => {
  const pick = chance(2);
  for (let round = 0; round < 400; round += 1) {
    const base = textOf(pick, pick(40));
    const mine = changed(pick, base);
    for (const pieces of [merge(base, mine, base), merge(base, base, mine), merge(base, mine, mine)]) {
      assert.ok(isClean(pieces));
      assert.equal(together(pieces), mine);
    }
  }
});

test("no word that either side put in goes unseen", () => {
  const pick = chance(3);
  for (let round = 0; round < 400; round += 1) {
    const base = textOf(pick, 20 + pick(20));
    const put = (words, word) => words.toSpliced(pick(words.length + 1), pick(2), word).join(" ");
    const [mine, theirs] = [put(base.split(" "), "MIEN"), put(base.split(" "), "LEUR")];
    const result = together(merge(base, mine, theirs));
    assert.match(result, /MIEN/);
    assert.match(result, /LEUR/);
  }
});

test("changes in different places join, in the same place both stand", () => {
  const base = "Le chat dort.\n\nIl pleut.\n";
  assert.equal(together(merge(base, "Le petit chat dort.\n\nIl pleut.\n", "Le chat dort.\n\nIl pleut fort.\n")), "Le petit chat dort.\n\nIl pleut fort.\n");
  const clash = merge("le chat noir dort", "le chat gris dort", "le chat blanc dort");
  assert.equal(isClean(clash), false);
  assert.equal(together(clash), "le chat blanc gris dort");
  assert.equal(together(merge("Un.\n\nDeux.\n", "Un.\n\nTrois quatre.\n", "Un.\n")), "Un.\n\nTrois quatre.\n");
});

test("a shared text is brought to another one, and what others typed beside stays where it was", () => {
  const pick = chance(4);
  for (let round = 0; round < 200; round += 1) {
    const doc = new Y.Doc();
    const shared = doc.getText("a");
    shared.insert(0, textOf(pick, 30));
    const wanted = changed(pick, shared.toString());
    bringTo(shared, wanted);
    assert.equal(shared.toString(), wanted);
  }
  const [mine, theirs] = [new Y.Doc(), new Y.Doc()];
  mine.getText("a").insert(0, "Le chat dort. Il fait beau.");
  Y.applyUpdate(theirs, Y.encodeStateAsUpdate(mine));
  theirs.getText("a").insert(27, " Oui.");
  bringTo(mine.getText("a"), "Le gros chat dort. Il fait très beau.");
  Y.applyUpdate(mine, Y.encodeStateAsUpdate(theirs));
  assert.equal(mine.getText("a").toString(), "Le gros chat dort. Il fait très beau. Oui.");
});

test("long texts far apart take no long time", () => {
  const pick = chance(5);
  const [one, other] = [textOf(pick, 30_000), textOf(pick, 30_000)];
  const began = performance.now();
  assert.equal(together(merge(one, other, one)), other);
  const wide = changed(pick, one);
  assert.equal(together(merge(one, wide, one)), wide);
  assert.ok(performance.now() - began < 20_000);
});

test("where very much differs, one change writes it anew", () => {
  const paragraphs = (word) => Array.from({ length: 900 }, (_, number) => `${number} same ${number % 2 ? word : "one"}`).join("\n\n");
  const doc = new Y.Doc();
  const text = doc.getText("a");
  text.insert(0, paragraphs("before"));
  let pieces;
  doc.on("update", (update) => (pieces = Y.decodeUpdate(update).structs.length));
  doc.transact(() => bringTo(text, paragraphs("after")));
  assert.equal(text.toString(), paragraphs("after"));
  assert.ok(pieces <= 400, String(pieces));
});
