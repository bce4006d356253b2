// What others and the hub have: every update that came from it or that it acknowledged, and which of them carry a seal
// because they were not committed yet. From it the text can be told without what was typed here and not sent.
import * as Y from "yjs";
import { encode } from "./wire.js";

const MOST_UPDATES = 500; // kept apart; more are merged

export class Known {
  #updates = [];
  #sealed = []; // {row, person, seal, update, seq: of this connection, null for earlier ones}
  #store;

  constructor(store) {
    this.#store = store;
  }

  // What this device kept.
  load({ shared, sealed }) {
    this.#updates = [...shared, ...sealed.map(({ update }) => update)];
    this.#sealed = sealed.map((entry) => ({ ...entry, seq: null }));
  }

  // Begin anew with the hub's state, and what it is handed back.
  begin(state) {
    this.#updates = [state, ...this.#sealed.map(({ update }) => update)];
  }

  // An update that is committed.
  add(update) {
    this.#note(update);
    this.#store.share(update);
  }

  // Updates of our own that are committed now.
  addOwn(chunks) {
    chunks.forEach(({ update }) => this.#note(update));
    this.#store.settle(chunks);
  }

  // What the hub passed on: with a seal, as number `seq` of its time, or committed already. `row()` gives a new key.
  receive({ seq, person, seal, update }, row) {
    const entry = this.#sealed.find((old) => old.seq === null && isEqual(old.update, update));
    if (entry) {
      // It was handed back, and comes to us as to everybody.
      entry.seq = seq;
      if (!seal.length) this.#drop((each) => each === entry);
      return;
    }
    if (!seal.length) {
      this.add(update);
      return;
    }
    this.#note(update);
    this.#sealed.push({ row: row(), seq, person, seal, update });
    this.#store.seal(this.#sealed.at(-1));
  }

  #note(update) {
    this.#updates.push(update);
    if (this.#updates.length > MOST_UPDATES) this.#updates = [Y.mergeUpdates(this.#updates)];
  }

  // On a new connection: what may have been lost before it was committed, [{row, message}] in the order of its coming.
  handBack() {
    for (const entry of this.#sealed) entry.seq = null;
    return this.#sealed.map(({ row, person, seal, update }) => ({ row, message: encode.relay(person, seal, update) }));
  }

  // Updates that can be handed back.
  get sealed() {
    return this.#sealed.map(({ update }) => update);
  }

  // What the hub did not take back is not there any more.
  forgetSealed() {
    this.#store.forgetSealed(this.#sealed);
    this.#sealed = [];
  }

  // All that the hub passed on up to `seq` is committed.
  committed(seq) {
    this.#drop((entry) => entry.seq !== null && entry.seq <= seq);
  }

  #drop(isDone) {
    const done = this.#sealed.filter(isDone);
    if (!done.length) return;
    this.#sealed = this.#sealed.filter((entry) => !isDone(entry));
    this.#store.unseal(done);
  }

  // The document as the others had it when we last heard of them, with some updates of our own.
  document(own = []) {
    const doc = new Y.Doc();
    doc.transact(() => [...this.#updates, ...own].forEach((update) => Y.applyUpdate(doc, update)));
    return doc;
  }
}

const isEqual = (one, other) => one.length === other.length && one.every((byte, index) => byte === other[index]);

// Tells of an update whether a peer with this state vector, which sent us this update, lacks something of it.
export function lacking(vector, sent) {
  const clocks = Y.decodeStateVector(vector);
  const deleted = Y.decodeUpdate(sent).ds.clients;
  const isDeleted = (client, { clock, len }) => {
    const ranges = (deleted.get(client) ?? []).filter((range) => range.clock < clock + len && range.clock + range.len > clock);
    let at = clock;
    for (const range of ranges.sort((one, other) => one.clock - other.clock)) {
      if (range.clock > at) return false;
      at = range.clock + range.len;
    }
    return at >= clock + len;
  };
  return (update) => {
    const { structs, ds } = Y.decodeUpdate(update);
    const hasAll = structs.every(({ id, length }) => id.clock + length <= (clocks.get(id.client) ?? 0));
    return !hasAll || [...ds.clients].some(([client, ranges]) => !ranges.every((range) => isDeleted(client, range)));
  };
}

// Whether our document holds something that a peer with this state vector lacks and that none of these updates bring.
export function hasStrayed(doc, vector, ...updates) {
  const clocks = Y.decodeStateVector(vector);
  for (const update of updates.flat()) {
    for (const { id, length } of Y.decodeUpdate(update).structs) {
      clocks.set(id.client, Math.max(clocks.get(id.client) ?? 0, id.clock + length));
    }
  }
  return [...Y.decodeStateVector(Y.encodeStateVector(doc))].some(([client, clock]) => clock > (clocks.get(client) ?? 0));
}
