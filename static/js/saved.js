// The server says that a text is saved: the copy on this device is not needed any more.
import { forget, keptKey } from "./store.js";

export function saved(element) {
  for (const key of element.dataset.keptSaved.split(/\s+/).filter(Boolean)) forget(keptKey(key));
}
