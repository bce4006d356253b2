// Both sides of the socket against the same bytes: wire.json, which tests/live/test_wire_vectors.py reads too.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { decode, encode, frames, JOINED, join, LARGEST, Malformed } from "../../static/js/editor/wire.js";

const vectors = JSON.parse(readFileSync(new URL("wire.json", import.meta.url)));
const bytes = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
const hex = (data) => Buffer.from(data).toString("hex");

const MADE = {
  hello: ({ clients, language, vector }) => encode.hello({ clients, language, vector: bytes(vector) }),
  update: ({ seq, update }) => encode.update(seq, bytes(update)),
  presence: ({ section, anchor, head }) => encode.presence({ section, anchor: anchor && bytes(anchor), head: head && bytes(head) }),
  relay: ({ person, seal, update }) => encode.relay(person, bytes(seal), bytes(update)),
  ping: () => encode.ping(),
};

for (const { kind, hex: expected, ...fields } of vectors.from_browser) {
  test(`the browser's ${kind} ${expected.slice(0, 20)}…`, () => assert.equal(hex(MADE[kind](fields)), expected));
}

for (const { kind, hex: sent, ...fields } of vectors.from_hub) {
  test(`the hub's ${kind} ${sent.slice(0, 20)}…`, () => {
    const [{ type, ...message }] = decode(bytes(sent).buffer);
    const plain = Object.fromEntries(Object.entries(message).map(([name, value]) => [name, value instanceof Uint8Array ? hex(value) : value]));
    assert.equal(type, kind);
    assert.deepEqual(plain, fields);
  });
}

test("messages of one frame are read one after the other", () => {
  const all = vectors.from_hub.map((vector) => bytes(vector.hex));
  assert.deepEqual(decode(join(all).buffer).map(({ type }) => type), vectors.from_hub.map(({ kind }) => kind));
});

test("what is cut off or unknown is refused, wherever it is cut", () => {
  for (const { hex: sent } of vectors.from_hub) {
    for (let size = 1; size < sent.length / 2; size += 1) assert.throws(() => decode(bytes(sent).slice(0, size).buffer), Malformed);
  }
  assert.throws(() => decode(Uint8Array.of(11).buffer), Malformed);
  assert.throws(() => decode(Uint8Array.of(2, 255, 255, 255, 255, 255, 255, 255, 255, 127).buffer), Malformed);
});

test("frames hold as much as may go at once, in order", () => {
  const pieces = [JOINED - 1, 1, 1, LARGEST, 7].map((size) => new Uint8Array(size));
  assert.deepEqual(frames(pieces).map(({ length }) => length), [JOINED, 1, LARGEST, 7]);
  assert.deepEqual(frames([]), []);
});
