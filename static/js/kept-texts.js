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
  return new Promise((resolve) => {
    const request = indexedDB.open(name);
    request.onerror = () => resolve(false);
    request.onsuccess = () => {
      const database = request.result;
      if (!PRECIOUS.every((store) => database.objectStoreNames.contains(store))) return resolve(false);
      const transaction = database.transaction(PRECIOUS);
      const [typed, copies] = PRECIOUS.map((store) => transaction.objectStore(store).getAll());
      transaction.oncomplete = () => {
        database.close();
        resolve(typed.result.length > 0 || copies.result.some(({ isDecided }) => !isDecided));
      };
      transaction.onabort = () => resolve(false);
    };
  });
}

function isEmpty(name) {
  return new Promise((resolve) => {
    const request = indexedDB.open(name);
    request.onerror = () => resolve(false);
    request.onsuccess = () => {
      const database = request.result;
      const counts = [];
      const end = (answer) => {
        database.close();
        resolve(answer);
      };
      if (!PRECIOUS.every((store) => database.objectStoreNames.contains(store))) return end(true);
      const transaction = database.transaction(PRECIOUS);
      for (const store of PRECIOUS) counts.push(transaction.objectStore(store).count());
      transaction.oncomplete = () => end(counts.every(({ result }) => result === 0));
      transaction.onabort = () => end(false);
    };
  });
}
