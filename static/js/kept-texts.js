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
