// Marks in the text being written: put only where the text says what they are about, and moving with the typing.
import assert from "node:assert/strict";
import test from "node:test";

import { EditorState } from "@codemirror/state";
import { showMarks, standsAt, threadMarks, threadsAt } from "../../static/js/editor/marks.js";

const thread = (id, start, end, words) => ({ id, start, end, words, kind: "remark", state: "open", comments: 1 });

// What showMarks needs of a view.
class View {
  constructor(doc) {
    this.state = EditorState.create({ doc, extensions: [threadMarks] });
  }

  dispatch(spec) {
    this.state = this.state.update(spec).state;
  }

  get marked() {
    const found = [];
    this.state.field(threadMarks).between(0, this.state.doc.length, (from, to) => void found.push(this.state.sliceDoc(from, to)));
    return found;
  }
}

test("a passage stands where the server says, else where its words stand once, else nowhere", () => {
  const text = "Un 😀 mot. Un mot rare. Un mot.";
  assert.deepEqual(standsAt(text, thread("1", 5, 8, "mot")), [6, 9]);
  assert.deepEqual(standsAt(text, thread("1", 0, 4, "rare")), [18, 22]);
  assert.equal(standsAt(text, thread("1", 0, 3, "mot")), null);
  assert.equal(standsAt(text, thread("1", 0, 5, "autre")), null);
  assert.equal(standsAt("", thread("1", 0, 0, "")), null);
});

test("marks move with the typing, and stay where they are when the server cannot place them better", () => {
  const view = new View("Le chat dort. Le chat mange.");
  showMarks(view, [thread("1", 3, 7, "chat"), thread("2", 14, 28, "Le chat mange.")]);
  assert.deepEqual(view.marked, ["chat", "Le chat mange."]);
  view.dispatch({ changes: { from: 0, insert: "Oui. " } });
  view.dispatch({ changes: { from: 22, insert: "grand " } });
  assert.deepEqual(view.marked, ["chat", "Le grand chat mange."]);
  assert.deepEqual(threadsAt(view.state, 9).map(({ id }) => id), ["1"]);
  // What the server sends next is about a text that it has not got yet.
  showMarks(view, [thread("1", 3, 7, "chat"), thread("2", 14, 28, "Le chat mange.")]);
  assert.deepEqual(view.marked, ["chat", "Le grand chat mange."]);
  showMarks(view, [thread("2", 19, 39, "Le grand chat mange.")]);
  assert.deepEqual(view.marked, ["Le grand chat mange."]);
  view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: "" } });
  assert.deepEqual(view.marked, []);
});
