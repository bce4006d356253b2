// What was typed here and is not acknowledged: collected for a moment into chunks, sent in order, kept until the ack.
// A chunk: {row, client, keys: [section keys], latest: the last version then, update, seq: null until it is sent, wasSent:
// whether others may have it from an earlier connection}.
import * as Y from "yjs";
import { encode, LARGEST } from "./wire.js";

// Insertions and deletions of one message: the hub refuses many more, because all wait while it makes them.
const MOST_PIECES = 1_000;

function piecesIn(update) {
  const { structs, ds } = Y.decodeUpdate(update);
  return [...ds.clients.values()].reduce((count, deletions) => count + deletions.length, structs.length);
}

// Rows are in the order of what may build on what.
function isBefore(one, other) {
  const at = one.findIndex((part, index) => part !== other[index]);
  return at >= 0 && one[at] < other[at];
}

export class Outbox {
  chunks = [];
  #fresh = [];
  #keys = new Set();
  #count = 0;
  #began = Date.now();
  #seq = 0; // of the last update of this connection

  // What this device kept: also what other windows typed, and have perhaps sent meanwhile; sent twice, it counts once.
  load(chunks) {
    this.chunks = chunks.map((chunk) => ({ ...chunk, seq: null, wasSent: true }));
  }

  // One local change, in the texts of these sections.
  add(update, keys) {
    this.#fresh.push(update);
    keys.forEach((key) => this.#keys.add(key));
  }

  get hasFresh() {
    return this.#fresh.length > 0;
  }

  get isEmpty() {
    return !this.#fresh.length && !this.chunks.length;
  }

  get isSent() {
    return !this.#fresh.length && this.chunks.every((chunk) => chunk.seq !== null);
  }

  get isUnderWay() {
    return this.chunks.some((chunk) => chunk.seq !== null);
  }

  get clients() {
    return [...new Set(this.chunks.map((chunk) => chunk.client))];
  }

  get keys() {
    return new Set([...this.#keys, ...this.chunks.flatMap((chunk) => chunk.keys)]);
  }

  // Unique on this device; also for what comes from others, since either may build on the other.
  row(client) {
    this.#count += 1;
    return [this.#began, client, this.#count];
  }

  // Make one chunk of what was typed since the last; null where nothing was.
  close(client, latest) {
    if (!this.#fresh.length) return null;
    const update = this.#fresh.length > 1 ? Y.mergeUpdates(this.#fresh) : this.#fresh[0];
    const chunk = { row: this.row(client), client, keys: [...this.#keys], latest, update, seq: null, wasSent: false };
    this.#fresh = [];
    this.#keys.clear();
    this.chunks.push(chunk);
    return chunk;
  }

  // The messages to send now: chunks of the `claimed` clients, in order; only those typed before that row came.
  messages(claimed, before = null) {
    const found = [];
    for (let update = this.#take(claimed, before); update; update = this.#take(claimed, before)) {
      found.push(encode.update(this.#seq, update));
    }
    return found;
  }

  // What others wrote and we did, [{row, message}] and our chunks, in the order in which it came about here.
  handBack(sealed, claimed) {
    const found = [];
    for (const { row, message } of sealed) {
      found.push(...this.messages(claimed, row));
      // It may build on something that has to wait for the next connection.
      if (this.chunks.some((chunk) => chunk.seq === null && isBefore(chunk.row, row))) break;
      found.push(message);
    }
    return found;
  }

  #take(claimed, before) {
    const next = [];
    let [size, pieces] = [0, 0];
    for (const chunk of this.chunks) {
      if (chunk.seq !== null) continue;
      if (!claimed.has(chunk.client) || (before && !isBefore(chunk.row, before))) break;
      size += chunk.update.length;
      pieces += piecesIn(chunk.update);
      if (next.length && (size > LARGEST || pieces > MOST_PIECES)) break;
      next.push(chunk);
    }
    if (!next.length) return null;
    this.#seq += 1;
    for (const chunk of next) Object.assign(chunk, { seq: this.#seq, sentAt: Date.now(), wasSent: true });
    return next.length > 1 ? Y.mergeUpdates(next.map((chunk) => chunk.update)) : next[0].update;
  }

  // Everything up to `seq` is committed: these chunks are done.
  acknowledge(seq) {
    const isDone = (chunk) => chunk.seq !== null && chunk.seq <= seq;
    const done = this.chunks.filter(isDone);
    this.chunks = this.chunks.filter((chunk) => !isDone(chunk));
    return done;
  }

  // The link is gone: what was sent may not have arrived.
  resend() {
    this.#seq = 0;
    for (const chunk of this.chunks) chunk.seq = null;
  }

  remove(chunks) {
    this.chunks = this.chunks.filter((chunk) => !chunks.includes(chunk));
  }

  // When the oldest chunk under way was sent; Infinity where none is.
  get sentAt() {
    return Math.min(...this.chunks.map((chunk) => (chunk.seq === null ? Infinity : chunk.sentAt)));
  }
}
