// One section that is open here: the editor in the place of its text, and what belongs to it.
import * as Y from "yjs";
import { announce, element, icon, notice, say } from "../texts.js";
import { cursorsIn, placeOf } from "./cursors.js";
import { linksTo } from "./discussions.js";
import { left } from "./limit.js";
import { openEditor } from "./view.js";

// The place in a text where `index` was in another: as far from the nearer end of what both have in common.
function carried(before, now, index) {
  let head = 0;
  while (head < index && before[head] === now[head]) head += 1;
  if (head === index) return index;
  const rest = before.length - index;
  return Math.max(head, Math.min(now.length, now.length - rest));
}

// What can be referred to: every section and measure of the table of contents.
function references() {
  return [...document.querySelectorAll("#contents a[href*='#']:not(.contents-close)")].map((link) => {
    const [slug, ...measure] = decodeURIComponent(link.hash.slice(1)).split(".");
    const section = link.closest(".contents-measures")?.closest("li").querySelector("a > b").textContent ?? "";
    const label = `${section} ${link.textContent.trim().replace(/\s+/g, " ")}`.trim();
    return { target: measure.length ? `${slug}#${measure.join(".")}` : slug, label };
  });
}

export class Writing {
  constructor(page, { key, title }) {
    this.page = page;
    this.key = key;
    this.title = title;
    this.section = page.sections.find(key);
    this.section.classList.add("is-written");
    this.paper = element("div", { class: "live-paper" });
    this.ready = element("button", { type: "button", class: "button button-secondary" }, icon("check"), " ", say("done"), element("span", { class: "visually-hidden" }, ` (${title})`));
    this.ready.addEventListener("click", () => page.done(key));
    const ui = { lang: document.documentElement.lang };
    this.threads = element("p", { class: "live-threads", ...ui });
    this.place = element("div", { class: "live-editor" }, this.paper, this.threads, element("p", { class: "actions live-end", ...ui }, this.ready));
    this.place.addEventListener("focusin", () => page.focused(key));
    this.observer = (_event, transaction) => {
      if (transaction.local) page.authors.later();
      this.measure();
    };
    this.settle();
    this.bind();
  }

  bind() {
    this.text = this.page.session.text(this.key);
    this.text.observe(this.observer);
    this.undoManager = new Y.UndoManager(this.text, { trackedOrigins: new Set() });
    this.editor = openEditor({
      parent: this.paper,
      text: this.text,
      undoManager: this.undoManager,
      language: this.page.root.lang,
      labels: { ...document.getElementById("editor-labels").dataset },
      title: this.title,
      isReadOnly: Boolean(this.stopped),
      references,
      onSelection: (anchor, head) => this.share(anchor, head),
      onEscape: () => this.ready.focus(),
      most: () => this.page.session.maxSection,
      onFull: () => this.tellLength("full"),
    });
    this.showCursors();
    this.setMarks(this.page.discussions.of(this.key));
    this.measure();
  }

  // Says once that little room is left, and once more that there is none.
  measure() {
    const count = left(this.text, this.page.session.maxSection);
    if (count === null) this.tellLength(null);
    else if (this.length !== "full" || count > 0) this.tellLength("near", count);
  }

  tellLength(state, count = 0) {
    if (this.length === state) return;
    this.length = state;
    const words = state && say(state === "full" ? "isFull" : "isLong", { title: this.title, count: count.toLocaleString(document.documentElement.lang) });
    this.page.tell(`length:${this.key}`, state && "warning", words);
  }

  unbind() {
    this.text.unobserve(this.observer);
    this.editor.destroy();
    this.undoManager.destroy();
  }

  // The session began anew with another document: the editor goes on in it, the cursor where it was among the words.
  rebind() {
    const { view } = this.editor;
    const before = view.state.doc.toString();
    const { anchor, head } = view.state.selection.main;
    const { hasFocus } = view;
    const place = this.section.getBoundingClientRect().top;
    this.unbind();
    this.bind();
    const now = this.text.toString();
    this.editor.view.dispatch({ selection: { anchor: carried(before, now, anchor), head: carried(before, now, head) } });
    if (hasFocus) this.editor.focus();
    window.scrollBy({ top: this.section.getBoundingClientRect().top - place, behavior: "instant" });
  }

  // The text that is rendered gives way to the editor, also when it came anew.
  settle() {
    const body = this.section.querySelector("[data-live-body]");
    body.hidden = true;
    if (this.place.previousElementSibling !== body) body.after(this.place);
    const link = this.section.querySelector("[data-write]");
    if (link) link.hidden = true;
    this.editor?.refresh(); // numbers may have changed
  }

  focus() {
    this.editor.focus();
  }

  keepInSight() {
    this.editor.keepInSight();
  }

  setMarks(threads) {
    this.editor.setMarks(threads);
    this.showThreads();
  }

  // What people say of where the cursor is.
  showThreads() {
    const { threads } = this.editor;
    const shown = threads.map(({ id, comments }) => `${id}:${comments}`).join(" ");
    if (this.threads.dataset.shown === shown) return;
    this.threads.dataset.shown = shown;
    this.threads.replaceChildren(...linksTo(threads));
  }

  share(anchor, head) {
    this.showThreads();
    this.page.session.announce({ section: this.key, anchor: placeOf(this.text, anchor), head: placeOf(this.text, head) });
  }

  // Many changes in one moment are drawn once.
  showCursors() {
    this.drawing ??= requestAnimationFrame(() => {
      this.drawing = undefined;
      if (this.place.isConnected) this.editor.setCursors(cursorsIn(this.page.session, this.key, this.text));
    });
  }

  setAuthors(runs) {
    this.editor.setAuthors(runs);
  }

  // Nothing more can be typed, at once; what stands there stays to be read and copied.
  stop(reason, isRetired = false) {
    this.isRetired = isRetired;
    if (this.stopped === reason) return;
    this.stopped = reason;
    this.editor.setReadOnly(true);
    this.section.classList.add("is-stopped");
    this.page.tell(`stopped:${this.key}`, "warning", reason, [say("copyText"), (event) => this.copy(event.currentTarget)]);
  }

  resume(title) {
    this.title = title;
    if (!this.stopped) return;
    this.stopped = undefined;
    this.isRetired = false;
    this.editor.setReadOnly(false);
    this.section.classList.remove("is-stopped");
    this.page.tell(`stopped:${this.key}`, null);
    announce(say("mayAgain", { title }));
  }

  async copy(button) {
    await navigator.clipboard.writeText(this.text.toString());
    button.replaceChildren(icon("check"), " ", say("textCopied"));
    announce(say("textCopied"));
  }

  // Until the server shows it, the text stands there as it was typed.
  close({ isShown, isSaved }) {
    const body = this.section.querySelector("[data-live-body]");
    if (!isShown) {
      body.replaceChildren(element("div", { class: "live-source" }, this.text.toString()));
      if (!isSaved) {
        const told = notice("warning", element("p", {}, say("notShown")));
        told.lang = document.documentElement.lang;
        body.prepend(told);
      }
    }
    this.unbind();
    this.page.tell(`stopped:${this.key}`, null);
    this.page.tell(`length:${this.key}`, null);
    this.place.remove();
    this.section.classList.remove("is-written", "is-stopped");
    body.hidden = false;
    const link = this.section.querySelector("[data-write]");
    if (link) link.hidden = Boolean(this.stopped);
    this.page.session.announce({ section: null, anchor: null, head: null });
  }
}
