// Asks before the page is left with something typed and not sent.
import { baseline, read, visible } from "./fields.js";

export function unsaved(form) {
  const began = baseline(form);
  let isLeavingRightly = false;
  form.addEventListener("submit", (event) => {
    // Others may still stop it; htmx stays on the page and says when it is done.
    setTimeout(() => (isLeavingRightly = !event.defaultPrevented));
  });
  window.addEventListener("pageshow", () => (isLeavingRightly = false));
  window.addEventListener("beforeunload", (event) => {
    if (isLeavingRightly || !form.isConnected || visible(read(form), form) === began) return;
    event.preventDefault();
    event.returnValue = ""; // what browsers before 2024 wait for
  });
}
