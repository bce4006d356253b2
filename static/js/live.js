// The text being written. What writing needs is loaded when somebody presses “Write here”, follows the writing, or asks
// who wrote what; where that fails, the plain form of the section stands in for it.
import { hasUnsent } from "./kept-texts.js";
import { announce, element, notice, say } from "./texts.js";

const PATIENCE = 20_000; // milliseconds until the plain form is the better way

let loading;

function arrive(tag, attributes, isDone) {
  return new Promise((resolve, reject) => {
    const wanted = Object.assign(document.createElement(tag), attributes);
    wanted.addEventListener("error", () => reject(new Error(`${wanted.src ?? wanted.href} did not come`)));
    isDone(wanted, resolve);
    document.head.append(wanted);
  });
}

function load({ style, script }) {
  const { nonce } = document.querySelector("script[nonce]");
  loading ??= Promise.all([
    arrive("script", { src: script, nonce }, (_, done) =>
      document.addEventListener("editor:loaded", (event) => done(event.detail), { once: true }),
    ),
    arrive("link", { rel: "stylesheet", href: style }, (link, done) => link.addEventListener("load", done)),
  ]).then(([editor]) => editor);
  return loading;
}

const inTime = (promise) =>
  Promise.race([
    promise,
    new Promise((_, reject) => setTimeout(() => reject(new Error("the editor did not come in time")), PATIENCE)),
  ]);

export function live(root) {
  const start = document.querySelector("[data-live-start]");
  const asked = (new URLSearchParams(location.search).get("write") ?? "").split(",").filter(Boolean);
  let page;
  start.hidden = false;

  function tell(name) {
    document.querySelector("[data-live-failed]")?.remove();
    const told = element("div", { role: "alert", "data-live-failed": "" }, notice("error", element("p", {}, say(name))));
    start.after(told);
    told.scrollIntoView({ block: "nearest" });
  }

  async function editor() {
    try {
      const { openPage } = await inTime(load(root.dataset));
      return (page ??= openPage(root));
    } catch (error) {
      loading = undefined;
      throw error;
    }
  }

  async function write(link) {
    if (link.hasAttribute("aria-busy")) return;
    link.setAttribute("aria-busy", "true");
    announce(say("opening"));
    document.querySelector("[data-live-failed]")?.remove();
    try {
      await inTime(editor().then((opened) => opened.write(link.dataset.write)));
    } catch {
      if (!navigator.onLine) return tell("noConnection");
      const form = new URL(link.href);
      form.searchParams.set("plain", "1");
      location.assign(form);
    } finally {
      link.removeAttribute("aria-busy");
    }
  }

  async function ask(button, task) {
    button.setAttribute("aria-busy", "true");
    try {
      await editor().then(task);
    } catch {
      tell(navigator.onLine ? "noEditor" : "noConnection");
    } finally {
      button.removeAttribute("aria-busy");
    }
  }

  root.addEventListener("click", (event) => {
    const link = event.target.closest("[data-write]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    write(link);
  });
  start.querySelector("[data-live-follow]").addEventListener("click", (event) => ask(event.currentTarget, (opened) => opened.follow()));
  for (const button of document.querySelectorAll("[data-live-authors]")) {
    button.addEventListener("click", () => ask(button, (opened) => opened.authors.toggle()));
  }
  // Asked for from the reading page, or open when the page was left.
  asked
    .map((key) => root.querySelector(`[data-write="${CSS.escape(key)}"]`))
    .filter(Boolean)
    .reduce((before, link) => before.then(() => write(link)), Promise.resolve());
  // What was typed here before and did not leave goes now, and what is to be decided is asked, wherever one came from.
  if (asked.length) return;
  hasUnsent(document.body.dataset.person, root.dataset.draft)
    .then((isWaiting) => isWaiting && editor().then((opened) => opened.open()))
    .catch(() => {});
}
