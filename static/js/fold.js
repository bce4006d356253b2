// An explanation that was folded once stays folded on this device.
import { forget, recall, remember } from "./store.js";

export function fold(details) {
  const key = `sip.fold.${details.dataset.fold}`;
  if (recall(key)) details.open = false;
  details.addEventListener("toggle", () => (details.open ? forget(key) : remember(key, true)));
}
