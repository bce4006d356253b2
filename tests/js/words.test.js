import assert from "node:assert/strict";
import test from "node:test";

import { runsOfWords } from "../../static/js/editor/attribution.js";
import { diffWords } from "../../static/js/editor/words.js";

const side = (parts, ...kinds) => parts.filter(({ kind }) => kinds.includes(kind)).map(({ text }) => text).join("");

test("differences are told by words, and both texts can be read off them", () => {
  const [before, after] = ["Le chat noir dort bien.\nUne ligne.", "Le chien noir dort.\nUne ligne.\nUne autre 😀."];
  const parts = diffWords(before, after);
  assert.equal(side(parts, "equal", "delete"), before);
  assert.equal(side(parts, "equal", "insert"), after);
  assert.deepEqual(parts.slice(0, 4), [
    { kind: "equal", text: "Le " },
    { kind: "delete", text: "chat" },
    { kind: "insert", text: "chien" },
    { kind: "equal", text: " noir dort" },
  ]);
  assert.deepEqual(diffWords("même", "même"), [{ kind: "equal", text: "même" }]);
  assert.deepEqual(diffWords("", "neuf"), [{ kind: "insert", text: "neuf" }]);
});

test("who wrote a word follows it to the text as it is rendered", () => {
  const text = "Un **mot** d’Ana, un autre.[^1]\n\n[^1]: La note de Paul.";
  const at = text.indexOf("La note");
  const runs = [[1, at], [2, text.length - at]];
  const shown = "Un mot d’Ana, un autre.1 La note de Paul.";
  const found = runsOfWords({ text, runs }, shown);
  assert.equal(found.reduce((sum, [, length]) => sum + length, 0), shown.length);
  assert.equal(found[0][0], 1);
  assert.equal(found.at(-1)[0], 2);
  assert.deepEqual(runsOfWords({ text: "", runs: [] }, "nul"), [[null, 3]]);
});
