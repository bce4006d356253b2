// What this device keeps of one person's work on one draft, in IndexedDB, until the server has it and after:
//   shared   what the hub sent or acknowledged, as Yjs updates
//   sealed   what others wrote and the hub passed on before it was committed, with its seal
//   outbox   what was typed here and is not acknowledged yet
//   copies   what somebody has to choose about, or kept
//   facts    what else an editor needs without a network: sections, the number of the last version
// Each row of `sealed` and `outbox` brings its own key, `row`. Several windows share all of it.
// Where the browser refuses, the same calls work and nothing is kept; `isKept` says so.
import * as Y from "yjs";

const STORES = ["shared", "sealed", "outbox", "copies", "facts"];
const PATIENCE = 3_000; // milliseconds until a browser that does not answer counts as one that refuses
const LATER = 1_000; // milliseconds that what is not one's own may wait to be written
const SOON = 200; // and that what is committed may still count as unsent
const AGAIN = 10_000; // milliseconds until a refused write is tried again
const MOST_ROWS = 200; // updates read one by one at most; more are merged

const answerOf = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

const endOf = (transaction) =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error("The transaction was aborted."));
  });

function open(name) {
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => {
    for (const store of STORES) request.result.createObjectStore(store, { autoIncrement: store === "shared" });
  };
  const patience = new Promise((_, reject) => setTimeout(() => reject(new Error("IndexedDB does not answer.")), PATIENCE));
  return Promise.race([answerOf(request), patience]);
}

class Batch {
  shared = []; // updates
  put = { sealed: new Map(), outbox: new Map(), copies: new Map(), facts: new Map() };
  gone = { sealed: new Set(), outbox: new Set(), copies: new Set() };
  isFresh = false;

  get isEmpty() {
    const sizes = [...Object.values(this.put), ...Object.values(this.gone)].map((rows) => rows.size);
    return !this.isFresh && !this.shared.length && sizes.every((size) => size === 0);
  }

  add(store, row, value) {
    this.gone[store]?.delete(row);
    this.put[store].set(row, value);
  }

  remove(store, row) {
    this.put[store].delete(row);
    this.gone[store].add(row);
  }

  // Nothing will be written: the session has all of it in memory, but the copies.
  forgetAllBut(kept) {
    this.shared = [];
    for (const [store, rows] of Object.entries(this.put)) if (store !== kept) rows.clear();
    for (const rows of Object.values(this.gone)) rows.clear();
  }

  // What was refused goes before what came since.
  before(later) {
    this.shared = later.isFresh ? later.shared : [...this.shared, ...later.shared];
    this.isFresh ||= later.isFresh;
    for (const [store, rows] of Object.entries(later.put)) rows.forEach((value, row) => this.add(store, row, value));
    for (const [store, rows] of Object.entries(later.gone)) rows.forEach((row) => this.remove(store, row));
    return this;
  }
}

export class Store {
  isKept = false;
  #name;
  #database = null;
  #waiting = new Batch();
  #writing = Promise.resolve();
  #timer;
  #onChange;
  #letGo;

  constructor(name, onChange = () => {}) {
    this.#name = name;
    this.#onChange = onChange;
  }

  // What was kept: {shared: [update], sealed: [entry], outbox: [chunk], copies: [copy], facts: {}}; never fails.
  async open() {
    try {
      this.#database = await open(this.#name);
      // Another window empties this device, or a later release of this code needs another shape.
      this.#database.onversionchange = () => this.#lose();
      this.#database.onclose = () => this.#lose();
      // Held while this window is open, so that kept-texts.js leaves what it may still need.
      globalThis.navigator?.locks?.request(this.#name, { mode: "shared" }, () => new Promise((resolve) => (this.#letGo = resolve)));
      const kept = await this.#read();
      this.#say(true);
      return kept;
    } catch {
      this.#lose();
      return { shared: [], sealed: [], outbox: [], copies: [], facts: {} };
    }
  }

  async #read() {
    const transaction = this.#database.transaction(STORES, "readwrite");
    const end = endOf(transaction);
    const all = (name) => answerOf(transaction.objectStore(name).getAll());
    const keys = (name) => answerOf(transaction.objectStore(name).getAllKeys());
    const asked = ["shared", "sealed", "outbox", "copies", "facts"].map(all);
    const [shared, sealed, outbox, copies, facts, rows, names] = await Promise.all([...asked, keys("shared"), keys("facts")]);
    if (shared.length > MOST_ROWS) {
      // In the same transaction, so that what another window adds meanwhile stays.
      const store = transaction.objectStore("shared");
      store.delete(IDBKeyRange.upperBound(rows.at(-1)));
      shared.splice(0, shared.length, stateOf(shared));
      store.add(shared[0]);
    }
    await end;
    return { shared, sealed, outbox, copies, facts: Object.fromEntries(names.map((name, index) => [name, facts[index]])) };
  }

  // A chunk of one's own is written at once, with all that it may build on.
  keep(chunk) {
    const { row, update, client, keys, latest } = chunk;
    this.#waiting.add("outbox", row, { row, update, client, keys, latest });
    return this.flush();
  }

  // The hub has committed these chunks.
  settle(chunks) {
    for (const { row, update } of chunks) {
      this.#waiting.remove("outbox", row);
      this.#waiting.shared.push(update);
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), SOON);
  }

  share(update) {
    this.#waiting.shared.push(update);
    this.#later();
  }

  seal({ row, person, seal, update }) {
    this.#waiting.add("sealed", row, { row, person, seal, update });
    this.#later();
  }

  // These sealed updates are not worth handing back any more.
  forgetSealed(entries) {
    for (const { row } of entries) this.#waiting.remove("sealed", row);
    this.#later();
  }

  // The hub has committed these sealed updates.
  unseal(entries) {
    for (const { row, update } of entries) {
      this.#waiting.remove("sealed", row);
      this.#waiting.shared.push(update);
    }
    this.#later();
  }

  note(fact, value) {
    this.#waiting.add("facts", fact, value);
    this.#later();
  }

  putCopy(copy) {
    this.#waiting.add("copies", copy.id, copy);
    return this.flush();
  }

  dropCopy(id) {
    this.#waiting.remove("copies", id);
    return this.flush();
  }

  async copies() {
    await this.flush();
    if (!this.#database) return [...this.#waiting.put.copies.values()];
    return answerOf(this.#database.transaction("copies").objectStore("copies").getAll());
  }

  // Begin anew from the hub's `state`: the `dropped` chunks live on in `copies` and `chunks`, all in one step.
  replace({ state, dropped, copies, chunks }) {
    const fresh = new Batch();
    fresh.isFresh = true;
    fresh.shared.push(state);
    for (const { row } of dropped) fresh.remove("outbox", row);
    for (const copy of copies) fresh.add("copies", copy.id, copy);
    this.#waiting.before(fresh);
    chunks.forEach((chunk) => this.keep(chunk));
    return this.flush();
  }

  #later() {
    this.#timer ??= setTimeout(() => this.flush(), LATER);
  }

  // Writes all that waits; resolves when it is on the disk, or was refused.
  flush() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    // What comes while something is being written goes along with the next.
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  async #write() {
    if (!this.#database) return this.#waiting.forgetAllBut("copies");
    if (this.#waiting.isEmpty) return undefined;
    const batch = this.#waiting;
    this.#waiting = new Batch();
    try {
      await this.#put(batch);
      this.#say(true);
    } catch {
      this.#waiting = batch.before(this.#waiting);
      this.#say(false);
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.flush(), AGAIN);
    }
    return undefined;
  }

  #put(batch) {
    const transaction = this.#database.transaction(STORES, "readwrite");
    const store = (name) => transaction.objectStore(name);
    if (batch.isFresh) store("shared").clear();
    if (batch.shared.length) store("shared").add(Y.mergeUpdates(batch.shared));
    for (const [name, rows] of Object.entries(batch.put)) rows.forEach((value, row) => store(name).put(value, row));
    for (const [name, rows] of Object.entries(batch.gone)) rows.forEach((row) => store(name).delete(row));
    const end = endOf(transaction);
    transaction.commit?.(); // also where the page goes away now
    return end;
  }

  #lose() {
    this.#database?.close();
    this.#database = null;
    this.#say(false);
  }

  #say(isKept) {
    if (this.isKept === isKept) return;
    this.isKept = isKept;
    this.#onChange();
  }

  async close() {
    await this.flush();
    clearTimeout(this.#timer);
    this.#database?.close();
    this.#database = null;
    this.#letGo?.();
  }
}

function stateOf(updates) {
  const doc = new Y.Doc();
  doc.transact(() => updates.forEach((update) => Y.applyUpdate(doc, update)));
  return Y.encodeStateAsUpdate(doc);
}
