// The passages that people talk about, marked in the text: each part is a `mark`, and after its last word stands a link to
// the thread, which on wide screens is a card in the margin. Marks may overlap.
import { element, icon, say } from "../texts.js";
import { Readable, unwrap, wrap } from "./readable.js";
import { stretches } from "./stretches.js";

const KIND_ICONS = { question: "question", remark: "comment", for: "thumb-up", against: "thumb-down", concern: "warning", amendment: "pencil" };
const SLICE = 40; // milliseconds of work after which others have their turn
const HELD = 1_000;
const EXCERPT = 48; // characters of a passage that a card shows

export const noteId = (id) => `note-${id}`;
const markId = (id) => `thread-mark-${id}`; // pages lead to it

export const countOf = (comments) => say(comments === 1 ? "threadOne" : "threadMany", { count: comments });
export const kindOf = (kind) => say(`threadKind${kind[0].toUpperCase()}${kind.slice(1)}`);

export function excerpt(words, most = EXCERPT) {
  const line = words.trim().replace(/\s+/g, " ");
  if (line.length <= most) return line;
  const cut = line.slice(0, most);
  return `${cut.slice(0, Math.max(cut.lastIndexOf(" "), most / 2))}…`;
}

// A thread as the server lists it: [id, start, end, kind, state, comments]; an amendment has supporters instead.
export const threadOf = ([id, start, end, kind, state, comments]) => ({ id: String(id), href: `/threads/${id}`, start, end, kind, state, comments });
export const amendmentOf = ([id, start, end, , state, supports]) => ({ id: `a${id}`, href: `/amendments/${id}`, start, end, kind: "amendment", state, supports });

export const isThread = ({ kind }) => kind !== "amendment";

// What it is, and how many people take part.
export function factsOf({ kind, comments, supports }) {
  if (comments !== undefined) return `${kindOf(kind)} · ${countOf(comments)}`;
  return [say("amendment"), supports && say(supports === 1 ? "amendmentOne" : "amendmentMany", { count: supports })].filter(Boolean).join(" · ");
}

export class Marks {
  constructor(text) {
    this.text = text;
    this.shown = new Map(); // section key → what its marks were drawn from, as JSON
    this.threads = new Map(); // id → thread or amendment with its section and its words
    this.fresh = new Set(); // ids with something that has come while the page was open
  }

  section(key) {
    return this.text.querySelector(`.doc-section[data-key="${CSS.escape(key)}"]`);
  }

  // `listed` is {section key: [thread or amendment, …]}. Sections in which nothing changed are left alone; `isHeld(section)` tells those
  // that must not change now. Returns in how many milliseconds to go on; null once all is shown.
  show(listed, isHeld) {
    const end = performance.now() + SLICE;
    let next = null;
    for (const key of new Set([...this.shown.keys(), ...Object.keys(listed)])) {
      const threads = listed[key] ?? [];
      const drawn = JSON.stringify(threads.map((thread) => [thread, this.fresh.has(thread.id)]));
      const section = this.section(key);
      if (!section || this.shown.get(key) === drawn) continue;
      if (isHeld(section)) {
        next = HELD;
        continue;
      }
      if (performance.now() > end) return 0;
      this.draw(key, section, threads);
      this.shown.set(key, drawn);
    }
    return next;
  }

  draw(key, section, threads) {
    const focused = section.contains(document.activeElement) ? document.activeElement.id : "";
    this.clear(key, section);
    const text = new Readable(section);
    const spans = threads.map((thread) => ({ ...thread, key, from: text.toUnits(thread.start), to: text.toUnits(thread.end) }));
    for (const span of spans) {
      span.words = text.text.slice(span.from, span.to);
      this.threads.set(span.id, span);
    }
    const parts = stretches(spans);
    const made = new Map(spans.map(({ id }) => [id, []]));
    // The last ones first: what stands before them keeps its place.
    for (const { from, to, ids } of parts.reverse()) {
      const marks = wrap(text.pieces(from, to), () => this.mark(ids));
      for (const id of ids) made.get(id).unshift(...marks);
    }
    for (const span of spans) if (made.get(span.id).length) this.note(span, made.get(span.id));
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  }

  clear(key, section) {
    for (const note of section.querySelectorAll(".passage-note")) note.remove();
    unwrap(section.querySelectorAll("mark.passage-mark"));
    section.normalize();
    for (const [id, thread] of this.threads) if (thread.key === key) this.threads.delete(id);
  }

  // Until they are shown again.
  hide() {
    for (const key of this.shown.keys()) {
      const section = this.section(key);
      if (section) this.clear(key, section);
    }
    this.shown.clear();
  }

  mark(ids) {
    const threads = ids.map((id) => this.threads.get(id));
    const isOver = threads.every(({ state }) => state !== "open");
    return element("mark", {
      class: `passage-mark${isOver ? " is-over" : ""}${ids.length > 1 ? " is-several" : ""}`,
      "data-threads": ids.join(" "),
      "aria-details": ids.map(noteId).join(" "),
    });
  }

  partsOf(id) {
    return [...this.text.querySelectorAll(`mark.passage-mark[data-threads~="${id}"]`)];
  }

  note(span, parts) {
    const isNew = this.fresh.has(span.id);
    const state = span.state === "open" ? "" : say(`threadState${span.state === "answered" ? "Answered" : "Resolved"}`);
    const what = [factsOf(span), state].filter(Boolean).join(" · ");
    const words = element("span", { class: "note-words" }, say("threadWords", { words: excerpt(span.words) }));
    const facts = element("span", { class: "note-facts" }, what);
    if (isNew) facts.append(" ", element("span", { class: "note-new" }, say("threadNew")));
    const note = element("a", {
      class: `passage-note is-${span.kind}${span.state === "open" ? "" : " is-over"}${isNew ? " is-new" : ""}`,
      id: noteId(span.id),
      href: span.href,
      lang: document.documentElement.lang,
      "data-about": span.id,
      "data-not-text": "",
    });
    if (isThread(span)) note.dataset.thread = span.id;
    note.append(icon(KIND_ICONS[span.kind] ?? "comment"), " ", words, " ", facts);
    const [first] = parts;
    if (!first.id && !document.getElementById(markId(span.id))) first.id = markId(span.id);
    first.setAttribute("aria-description", [first.getAttribute("aria-description"), factsOf(span)].filter(Boolean).join("; "));
    // A link cannot stand in another one.
    const last = parts[parts.length - 1];
    let place = last.closest("a") ?? last;
    while (place.nextElementSibling?.matches(".passage-note") && place.nextSibling === place.nextElementSibling) place = place.nextElementSibling;
    place.after(note);
  }

  // Shows where the passage of one thread is; null shows none.
  current(id) {
    for (const part of this.text.querySelectorAll(".is-current")) part.classList.remove("is-current");
    if (id === null) return;
    for (const part of [...this.partsOf(id), document.getElementById(noteId(id))]) part?.classList.add("is-current");
  }
}
