// What waits for the hub goes in messages that it can take in without keeping others waiting.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as Y from "yjs";
import { Outbox } from "../../static/js/editor/outbox.js";
import { LARGEST } from "../../static/js/editor/wire.js";

const MOST = 1_000; // insertions and deletions

// The update of a message: behind its kind, its number and its length.
function updateOf(message) {
  let at = 1;
  const number = () => {
    let [value, place] = [0, 1];
    for (; message[at] > 127; place *= 128) value += (message[at++] - 128) * place;
    return value + message[at++] * place;
  };
  number();
  const size = number();
  return message.slice(at, at + size);
}

// A document that somebody wrote in `edits` places, one after the other, while there was no network.
function offline(edits) {
  const before = new Y.Doc();
  before.getText("a").insert(0, "word ".repeat(2_000));
  const doc = new Y.Doc();
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(before));
  const outbox = new Outbox();
  doc.on("update", (update) => outbox.add(update, ["a"]));
  const text = doc.getText("a");
  for (let count = 0; count < edits; count += 1) {
    const at = (count * 7919) % text.length;
    if (count % 3) text.insert(at, `${count} `);
    else text.delete(at, 1);
    outbox.close(doc.clientID, 0);
  }
  return { before, doc, outbox };
}

test("a long time without a network comes in messages of few pieces, all of it and in order", () => {
  const { before, doc, outbox } = offline(3_500);
  const updates = outbox.messages(new Set([doc.clientID])).map(updateOf);
  assert.ok(updates.length >= 4 && updates.length <= 8, String(updates.length));
  for (const update of updates) {
    const { structs, ds } = Y.decodeUpdate(update);
    const deletions = [...ds.clients.values()].reduce((sum, { length }) => sum + length, 0);
    assert.ok(structs.length + deletions <= MOST && update.length <= LARGEST);
    Y.applyUpdate(before, update);
    assert.equal(before.store.pendingStructs, null);
  }
  assert.equal(before.getText("a").toString(), doc.getText("a").toString());
  assert.ok(outbox.isSent);
});
