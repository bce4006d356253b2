// Names behind an @: what is typed of one, and which ones fit.
import assert from "node:assert/strict";
import test from "node:test";

import { fitting, typedName } from "../../static/js/names.js";

test("a name is typed behind an @ that begins a word, up to two words of it", () => {
  const typed = (text) => typedName(text, text.length);
  assert.equal(typed("Merci @"), "");
  assert.equal(typed("@Éli"), "Éli");
  assert.equal(typed("(@Youenn Le"), "Youenn Le");
  assert.equal(typed("@Youenn Le Goff"), null);
  assert.equal(typed("ana@exemple"), null);
  assert.equal(typed("@Ana\n"), null);
  assert.equal(typedName("@Ana et la suite", 3), "An");
});

test("names fit without their accents and case, those that begin so first", () => {
  const known = ["Renaud Pasquier", "Élise Renard", "Awa Diarra"];
  assert.deepEqual(fitting(known, "ren"), ["Renaud Pasquier", "Élise Renard"]);
  assert.deepEqual(fitting(known, "elise r"), ["Élise Renard"]);
  assert.deepEqual(fitting(known, "x"), []);
  assert.equal(fitting(Array.from({ length: 20 }, (_, at) => `Ana ${at}`), "ana").length, 6);
});
