// What this device keeps of texts that people write together (editor/store.js) goes when somebody signs out or another
// person signs in, unless there is something in it that the server has not got, or a window still needs it.
const PREFIX = "sip.live.";
const PRECIOUS = ["outbox", "copies"];

export async function forgetOthersTexts(person) {
  if (!navigator.locks || !indexedDB.databases) return;
  for (const { name } of await indexedDB.databases()) {
    if (!name.startsWith(PREFIX) || (person && name.startsWith(`${PREFIX}${person}.`))) continue;
    await navigator.locks.request(name, { ifAvailable: true }, async (lock) => {
      if (lock && (await isEmpty(name))) indexedDB.deleteDatabase(name);
    });
  }
}

// Whether something typed in this draft waits on this device, or for a decision, as far as the browser can say.
export async function hasUnsent(person, draft) {
  const name = `${PREFIX}${person}.${draft}`;
  const known = (await indexedDB.databases?.()) ?? [];
  if (!known.some((each) => each.name === name)) return false; // looking into it would make it
  const found = await precious(name);
  return found !== null && (found.outbox.length > 0 || found.copies.some(({ isDecided }) => !isDecided));
}

async function isEmpty(name) {
  const found = await precious(name);
  return found !== null && PRECIOUS.every((store) => found[store].length === 0);
}

// What a database holds that the server has not got; null where it cannot be looked into.
function precious(name) {
  return new Promise((resolve) => {
    const request = indexedDB.open(name);
    request.onerror = () => resolve(null);
    request.onsuccess = () => {
      const database = request.result;
      const end = (found) => {
        database.close();
        resolve(found);
      };
      const stores = PRECIOUS.filter((store) => database.objectStoreNames.contains(store));
      if (stores.length < PRECIOUS.length) return end({ outbox: [], copies: [] });
      const transaction = database.transaction(stores);
      const asked = stores.map((store) => [store, transaction.objectStore(store).getAll()]);
      transaction.oncomplete = () => end(Object.fromEntries(asked.map(([store, { result }]) => [store, result])));
      transaction.onabort = () => end(null);
    };
  });
}
