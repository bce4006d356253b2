// Sections are moved, taken out and brought back without leaving what is open: the form is sent, and the page follows.
import { say } from "../texts.js";

const OURS = "[data-live-tools], [data-live-retired]"; // what holds such forms

// What the server said about it, with the way to undo it where there is one.
function told(html) {
  const body = new DOMParser().parseFromString(html, "text/html").querySelector(".at-section .notice-success, .messages .notice-success")?.querySelector(".notice-body");
  const undo = body?.querySelector("button[formaction]") ?? null;
  undo?.remove();
  body?.querySelector(".visually-hidden")?.remove(); // what kind of message it is
  return body && { text: body.textContent.trim(), undo };
}

async function post(address, fields) {
  const answer = await fetch(address, { method: "POST", body: fields });
  const done = answer.ok ? told(await answer.text()) : null;
  if (!done) throw new Error("the server did not do it");
  return done;
}

export class Arranging {
  constructor(page) {
    this.page = page;
    document.querySelector("main").addEventListener("submit", (event) => this.onSubmit(event));
  }

  onSubmit(event) {
    const { target: form, submitter } = event;
    if (!form.closest(OURS) || form.getAttribute("method") !== "post" || event.defaultPrevented) return;
    event.preventDefault();
    const section = form.closest("[data-live-section]");
    const drawing = submitter?.querySelector("use")?.getAttribute("href");
    submitter?.setAttribute("aria-busy", "true");
    this.send(form.action, new FormData(form), section, drawing).finally(() => submitter?.removeAttribute("aria-busy"));
  }

  // `section` is the one whose tools were used, `drawing` the icon of the one that was pressed.
  async send(address, fields, section = null, drawing = null) {
    if (this.isSending) return;
    this.isSending = true;
    try {
      const done = await this.page.sections.rearrange(section ?? undefined, () => post(address, fields));
      const undo = () => {
        const undoing = new FormData(document.getElementById("undo"));
        if (done.undo.name) undoing.set(done.undo.name, done.undo.value);
        this.send(new URL(done.undo.getAttribute("formaction"), location.href), undoing);
      };
      this.page.tell("arranged", "success", done.text, done.undo ? [done.undo.textContent.trim(), undo] : []);
      this.focus(section, drawing);
    } catch {
      this.page.tell("arranged", "warning", say("notArranged"));
    } finally {
      this.isSending = false;
    }
  }

  // The same tool again, for the next step; where it is gone, the way back. Whoever has gone on writing stays there.
  focus(section, drawing) {
    if (document.activeElement !== document.body) return;
    const tools = section?.isConnected && !section.matches(".is-gone") ? section.querySelector("[data-live-tools]") : null;
    const again = [...(tools?.querySelectorAll("button") ?? [])].find((button) => button.querySelector("use")?.getAttribute("href") === drawing);
    const next = again ?? tools?.querySelector("summary") ?? document.querySelector("[data-live-note='arranged'] button");
    next?.focus({ preventScroll: true });
  }
}
