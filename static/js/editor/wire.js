// The messages of the live socket. A frame holds one or more, end to end: a number, then its fields.
// Numbers are unsigned LEB128; bytes and JSON carry their length before them.
export const PROTOCOL = 1;
export const LARGEST = 900_000; // bytes of a message; the hub takes a million
export const JOINED = 8_000; // bytes of a frame of several messages: between two frames, it is the turn of others

const utf8 = new TextEncoder();
const strictUtf8 = new TextDecoder("utf-8", { fatal: true });

export class Malformed extends Error {}

export function toBase64(bytes) {
  let binary = "";
  for (let at = 0; at < bytes.length; at += 0x8000) binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(binary);
}

export function fromBase64(text) {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    throw new Malformed("This is not base64.");
  }
}

export function join(pieces) {
  const joined = new Uint8Array(pieces.reduce((size, piece) => size + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}

// Messages joined into few frames.
export function frames(pieces) {
  const parts = [];
  let size = Infinity;
  for (const piece of pieces) {
    size += piece.length;
    if (size > JOINED) {
      parts.push([]);
      size = piece.length;
    }
    parts.at(-1).push(piece);
  }
  return parts.map(join);
}

function number(value) {
  const bytes = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return Uint8Array.from(bytes);
}

const sized = (bytes) => join([number(bytes.length), bytes]);
const json = (value) => sized(utf8.encode(JSON.stringify(value)));

export const encode = {
  hello: ({ clients, language, vector }) => join([[0], json({ protocol: PROTOCOL, clients, language }), sized(vector)]),
  update: (seq, update) => join([[1], number(seq), sized(update)]),
  presence: ({ section, anchor, head }) =>
    join([[2], json(section === null ? { section } : { section, anchor: toBase64(anchor), head: toBase64(head) })]),
  relay: (person, seal, update) => join([[3], number(person), sized(seal), sized(update)]),
  ping: () => Uint8Array.of(4),
};

class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  get isAtEnd() {
    return this.at === this.bytes.length;
  }

  number() {
    let value = 0;
    for (let place = 1; ; place *= 128) {
      if (this.isAtEnd) throw new Malformed("The message ends too early.");
      const byte = this.bytes[this.at++];
      value += (byte % 128) * place;
      if (value > Number.MAX_SAFE_INTEGER) throw new Malformed("A number is too large.");
      if (byte < 128) return value;
    }
  }

  sized() {
    const size = this.number();
    if (size > this.bytes.length - this.at) throw new Malformed("The message ends too early.");
    this.at += size;
    return this.bytes.slice(this.at - size, this.at);
  }

  json() {
    try {
      return JSON.parse(strictUtf8.decode(this.sized()));
    } catch (error) {
      throw error instanceof Malformed ? error : new Malformed("This is not JSON.");
    }
  }
}

// Where somebody is in a text: relative positions as Yjs encodes them; null where they are in none.
function whereabouts({ section, anchor, head }) {
  return { section: section ?? null, anchor: anchor ? fromBase64(anchor) : null, head: head ? fromBase64(head) : null };
}

const READ = [
  (reader) => {
    const info = reader.json();
    return { type: "welcome", ...info, vector: fromBase64(info.vector), update: reader.sized() };
  },
  (reader) => ({ type: "updates", seq: reader.number(), person: reader.number(), seal: reader.sized(), update: reader.sized() }),
  (reader) => ({ type: "ack", seq: reader.number() }),
  (reader) => ({ type: "presence", id: reader.number(), ...whereabouts(reader.json()) }),
  (reader) => ({ type: "people", ...reader.json() }),
  (reader) => ({ type: "sections", sections: reader.json() }),
  (reader) => ({ type: "state", ...reader.json() }),
  (reader) => ({ type: "committed", seq: reader.number() }),
  (reader) => ({ type: "refused", seq: reader.number(), ...reader.json() }),
  (reader) => ({ type: "frozen", ...reader.json() }),
  () => ({ type: "pong" }),
];

// The messages of one frame from the hub; throws Malformed.
export function decode(frame) {
  const reader = new Reader(new Uint8Array(frame));
  const messages = [];
  while (!reader.isAtEnd) {
    const read = READ[reader.number()];
    if (!read) throw new Malformed("There is no such message.");
    messages.push(read(reader));
  }
  return messages;
}
