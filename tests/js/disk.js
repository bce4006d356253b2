// As much of IndexedDB as the store uses, in memory: several windows share it, a transaction is all or nothing.
const isBefore = (one, other) => {
  if (!Array.isArray(one)) return one < other;
  const at = one.findIndex((part, index) => part !== other[index]);
  return at >= 0 && one[at] < other[at];
};

globalThis.IDBKeyRange ??= { upperBound: (most) => ({ has: (key) => !isBefore(most, key) }) };

class Rows {
  entries = []; // [key, value], in the order of the keys
  next = 1;

  constructor(given = null) {
    if (given) Object.assign(this, { entries: [...given.entries], next: given.next });
  }

  put(value, key = this.next) {
    if (key === this.next) this.next += 1;
    this.delete(key);
    const place = this.entries.findIndex(([other]) => isBefore(key, other));
    this.entries.splice(place < 0 ? this.entries.length : place, 0, [key, structuredClone(value)]);
  }

  delete(key) {
    const isGone = key.has?.bind(key) ?? ((other) => !isBefore(key, other) && !isBefore(other, key));
    this.entries = this.entries.filter(([other]) => !isGone(other));
  }
}

export class Disk {
  databases = new Map();
  isFull = false;

  rows(database, store) {
    return this.databases.get(database).get(store).entries.map(([, value]) => value);
  }

  open(name) {
    const request = {};
    setTimeout(() => {
      const isNew = !this.databases.has(name);
      if (isNew) this.databases.set(name, new Map());
      const stores = this.databases.get(name);
      request.result = {
        createObjectStore: (store) => stores.set(store, new Rows()),
        transaction: () => this.begin(stores),
        close() {},
      };
      if (isNew) request.onupgradeneeded();
      request.onsuccess();
    });
    return request;
  }

  // One transaction after the other; one ends when nothing is asked of it any more.
  begin(stores) {
    const copies = new Map();
    const transaction = { error: null };
    let waiting = 0;
    let hasWritten = false;
    let release;
    const turn = stores.turn ?? Promise.resolve();
    stores.turn = new Promise((resolve) => (release = resolve));
    const rows = (name) => copies.get(name) ?? copies.set(name, new Rows(stores.get(name))).get(name);
    const act = (task) => {
      const request = {};
      waiting += 1;
      turn.then(() => {
        request.result = task();
        request.onsuccess?.();
        waiting -= 1;
        setTimeout(end);
      });
      return request;
    };
    const end = () => {
      if (waiting || !release) return;
      release();
      release = null;
      if (hasWritten && this.isFull) {
        transaction.error = new Error("QuotaExceededError");
        transaction.onabort();
        return;
      }
      copies.forEach((changed, store) => stores.set(store, changed));
      transaction.oncomplete?.();
    };
    const write = (task) => {
      hasWritten = true;
      return act(task);
    };
    transaction.objectStore = (name) => ({
      getAll: () => act(() => rows(name).entries.map(([, value]) => structuredClone(value))),
      getAllKeys: () => act(() => rows(name).entries.map(([key]) => key)),
      add: (value, key) => write(() => rows(name).put(value, key)),
      put: (value, key) => write(() => rows(name).put(value, key)),
      delete: (key) => write(() => rows(name).delete(key)),
      clear: () => write(() => rows(name).delete({ has: () => true })),
    });
    return transaction;
  }
}
