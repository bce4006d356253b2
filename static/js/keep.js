// What is typed into a form stays on this device until the server has saved it, and is brought back after a reload.
// Hidden fields come back with it: a text belongs to the version that it began from.
import { baseline, fill, hidden, kept, read, visible } from "./fields.js";
import { forget, keptKey, recall, remember } from "./store.js";
import { element, notice, say } from "./texts.js";

export function keep(form) {
  const key = keptKey(form.dataset.keep);
  const original = read(form);
  const untouched = baseline(form);
  let timer;
  let hasFailed = false;

  function store() {
    clearTimeout(timer);
    timer = undefined;
    const entries = read(form);
    if (visible(entries, form) === untouched) return forget(key);
    if (!remember(key, { at: Date.now(), entries }) && !hasFailed) {
      hasFailed = true;
      form.prepend(notice("warning", element("p", { role: "status" }, say("notKept"))));
    }
  }
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(store, 400);
  };

  restore();
  form.addEventListener("input", later);
  form.addEventListener("change", later);
  form.addEventListener("submit", store);
  window.addEventListener("pagehide", () => timer && store());

  function restore() {
    const found = recall(key);
    const stored = new Map(found?.entries ?? []);
    const fields = kept(form);
    if (!original.every(([name]) => stored.has(name)) || visible(found.entries, form) === visible(original, form)) return;
    // The server joined what was typed with another text since: what was kept before that is in it.
    if (form.matches("[data-not-saved]") && hidden(found.entries, form) !== hidden(original, form)) return;
    put(fields, stored);
    const drop = element("button", { type: "button", class: "button button-secondary button-small" }, say("keptDrop"));
    const moment = new Date(found.at).toLocaleString(document.documentElement.lang, { dateStyle: "long", timeStyle: "short" });
    const note = notice("info", element("p", { role: "status" }, say("kept", { moment })), element("p", {}, drop));
    form.prepend(note);
    drop.addEventListener("click", () => {
      put(fields, new Map(original));
      clearTimeout(timer);
      timer = undefined;
      forget(key);
      note.remove();
      fields.find((field) => field.type !== "hidden")?.focus();
    });
  }

  function put(fields, entries) {
    fields.forEach((field, index) => fill(field, entries.get(original[index][0])));
  }
}
