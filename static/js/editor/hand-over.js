// What was typed here and cannot be sent goes over to the plain forms of its sections, which bring it back when they open
// (keep.js). The editor forgets it then: sent later all the same, it would stand in the text twice.
import { keptKey, remember } from "../store.js";

const UNSENT = ["shared", "sealed", "outbox"]; // what store.js keeps of a text; copies that were put aside stay

const answer = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

export async function handOver(session, root) {
  const others = session.known.document();
  const isTaken = [...session.unsentKeys].map((key) => {
    const { edit } = root.querySelector(`[data-live-section="${CSS.escape(key)}"]`)?.dataset ?? {};
    const fields = { began_from: others.getText(key).toString(), seen: edit ?? "0", text: session.text(key).toString() };
    const entries = Object.entries(fields).map(([name, value]) => [`${name}.0`, value]);
    return remember(keptKey(`section:${key}`), { at: Date.now(), entries });
  });
  if (!isTaken.every(Boolean)) return; // this device keeps no copies for forms: the text stays where it is
  await session.destroy();
  const database = await answer(indexedDB.open(`sip.live.${session.person}.${root.dataset.draft}`));
  const stores = UNSENT.filter((store) => database.objectStoreNames.contains(store));
  for (const store of stores) await answer(database.transaction(store, "readwrite").objectStore(store).clear());
  database.close();
}
