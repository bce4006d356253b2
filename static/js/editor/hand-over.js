// What was typed here and cannot be sent goes over to the plain forms of its sections, which bring it back when they open
// (keep.js). The editor forgets it then: sent later all the same, it would stand in the text twice.
import { keptKey, remember } from "../store.js";

const UNSENT = ["outbox", "shared", "sealed"]; // what store.js keeps of a text; copies that were put aside stay

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
  if (!session.isKept) return;
  const rows = session.unsentRows;
  const database = await answer(indexedDB.open(`sip.live.${session.person}.${root.dataset.draft}`));
  const transaction = database.transaction(UNSENT, "readwrite");
  const [outbox, ...rest] = UNSENT.map((store) => transaction.objectStore(store));
  await Promise.all(rows.map((row) => answer(outbox.delete(row))));
  // What another window typed meanwhile is its own, and builds on the rest.
  if ((await answer(outbox.count())) === 0) await Promise.all(rest.map((store) => answer(store.clear())));
  database.close();
}
