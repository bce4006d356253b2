// The discussion on the page of a text: its marks, what somebody chooses to talk about, the panel in which they do it.
import { forget, keptKey } from "../store.js";
import { announce, element, say } from "../texts.js";
import { Choosing } from "./choosing.js";
import { Margin } from "./margin.js";
import { amendmentOf, excerpt, factsOf, isThread, Marks, noteId, threadOf } from "./marks.js";
import { News } from "./news.js";
import { Panel } from "./panel.js";
import { load, Refused, send } from "./parts.js";
import { Polling } from "./polling.js";
import { Readable, unwrap, wrap } from "./readable.js";
import { Selecting } from "./selecting.js";
import { Tools } from "./tools.js";
import { Unsent } from "./unsent.js";

// What leads to choosing a passage, in this page where scripts run.
const STARTERS = "[data-choose-passage], [data-comment-foot], .stage-action a[href*='/discussion/choose'], .section-life a[href*='/discussion/choose']";
const isPlain = (event) => !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button);

export class Discussion {
  constructor(root) {
    this.root = root;
    this.address = root.dataset.discussion;
    this.version = Number(root.dataset.version);
    this.text = document.getElementById("document");
    this.reading = this.text.closest(".reading");
    this.marks = new Marks(this.text);
    this.panel = new Panel(this.reading, { onClose: (what, opener) => this.closed(what, opener) });
    this.margin = new Margin(this.marks);
    this.margin.cover(this.panel.dom);
    this.news = new News(this.marks);
    this.polling = new Polling(`${this.address}/marks?version=${this.version}`, (answer) => this.take(answer));
  }

  start() {
    document.addEventListener("click", (event) => this.click(event));
    this.panel.dom.addEventListener("submit", (event) => this.submit(event));
    this.panel.dom.addEventListener("input", (event) => this.typed(event));
    this.polling.ask();
    if ("mayOpen" in this.root.dataset) this.open();
  }

  // For those who may say something.
  open() {
    const { root, reading } = this;
    const choosing = new Choosing(this.text, {
      onChange: (passage, parts) => this.offer(passage, rectsOf(parts), true),
      onChoose: () => this.compose(this.passage),
      onLeave: () => this.leave(),
    });
    this.choosing = choosing;
    this.selecting = new Selecting(this.text, {
      onSelect: (passage, range) => {
        if (choosing.isOn) return;
        if (this.passage?.start !== passage.start || this.passage.end !== passage.end) announce(say("passageReady"));
        this.offer(passage, rectsOf([range]), false);
      },
      onNothing: () => this.tools.isShown && !choosing.isOn && this.tools.hide(),
    });
    this.tools = new Tools(reading, root.querySelector("template[data-passage-tools]"), {
      onComment: () => this.compose(this.passage),
      onExtend: (step) => choosing.extend(step),
      onLeave: () => this.leave(),
      onHold: (isHeld) => (this.selecting.isHeld = isHeld),
    });
    this.margin.cover(this.tools.dom);
    reading.querySelector(".reading-text").before(root.querySelector("template[data-passage-start]").content.cloneNode(true));
    this.unsent = new Unsent(this.address, {
      place: document.querySelector(".document-top") ?? reading,
      onGoOn: (entry, button) => this.compose({ ...entry, section: this.marks.section(entry.key) }, button),
    });
    this.unsent.show();
  }

  // `starter` is what was pressed, and has the focus again afterwards.
  choose(starter) {
    if (this.choosing.isOn) return this.leave();
    this.panel.close();
    this.starter = starter;
    document.getSelection().removeAllRanges();
    this.marks.hide();
    this.choosing.start();
  }

  leave() {
    this.endChoosing();
    announce(say("passageLeft"));
    this.starter?.focus({ preventScroll: true });
  }

  endChoosing() {
    this.choosing?.end();
    this.tools?.hide();
    this.showMarks();
  }

  offer(passage, rects, isChoosing) {
    this.passage = passage;
    this.tools.show(passage, rects, { isChoosing, version: this.version });
    this.margin.later();
  }

  async take({ marks }) {
    this.news.take(marks);
    this.panelNews();
    this.talked = marks;
    this.list();
    // Amendments change the same stamp.
    const answer = await fetch(this.address.replace(/discussion$/, "amendments/marks")).catch(() => null);
    const found = answer?.ok && !answer.redirected ? await answer.json() : {};
    if (found.version !== this.version) return;
    this.amended = found.marks;
    this.list();
  }

  // What there is to mark, by section, in the order of the text.
  list() {
    this.listed = {};
    for (const [marks, made] of [[this.talked, threadOf], [this.amended ?? {}, amendmentOf]]) {
      for (const [key, rows] of Object.entries(marks)) (this.listed[key] ??= []).push(...rows.map(made));
    }
    for (const each of Object.values(this.listed)) each.sort((one, other) => one.start - other.start || one.end - other.end);
    this.showMarks();
  }

  // What somebody selects or writes about now is left alone until they are done.
  showMarks() {
    if (!this.listed || this.choosing?.isOn) return;
    const selection = document.getSelection();
    const isHeld = (section) => (!selection.isCollapsed && selection.containsNode(section, true)) || Boolean(section.querySelector(".passage-chosen"));
    const next = this.marks.show(this.listed, isHeld);
    clearTimeout(this.showing);
    if (next !== null) this.showing = setTimeout(() => this.showMarks(), next);
    else if (!this.hasFollowed) this.follow();
    this.marks.current(this.panel.what?.id ?? null);
    if (next !== 0) this.margin.later();
  }

  // The thread that the address names, or whose mark it does.
  follow() {
    this.hasFollowed = true;
    const [, id] = /^#thread-(?:mark-)?(\d+)$/.exec(location.hash) ?? [];
    if (!id || !this.marks.threads.has(id) || document.querySelector(location.hash)?.matches(":not(mark)")) return;
    this.marks.partsOf(id)[0]?.scrollIntoView({ block: "center" });
    this.read(id, document.getElementById(noteId(id)));
  }

  click(event) {
    if (!isPlain(event) || event.defaultPrevented) return;
    const link = event.target.closest("a[href]");
    if (link?.matches("[data-thread]") && !link.closest(".thread-panel")) {
      event.preventDefault();
      this.read(link.dataset.thread, link);
    } else if (this.choosing && event.target.closest(STARTERS)) {
      event.preventDefault();
      this.choose(event.target.closest(STARTERS));
    } else if (link?.pathname === `${this.address}/new` && !this.panel.dom.contains(link)) {
      event.preventDefault();
      const asked = new URL(link.href).searchParams;
      const [start, end] = ["start", "end"].map((name) => (asked.has(name) ? Number(asked.get(name)) : undefined));
      const section = this.marks.section(asked.get("key") ?? "");
      this.compose({ version: Number(asked.get("version")) || undefined, key: asked.get("key") ?? "", start, end, section }, link);
    } else if (link && this.panel.dom.contains(link)) {
      this.inside(event, link);
    } else if (!link) {
      const mark = event.target.closest("mark.passage-mark");
      if (mark && document.getSelection().isCollapsed && !this.choosing?.isOn) this.readMark(mark);
    }
  }

  // Links from part to part stay in the panel; others lead where they say.
  inside(event, link) {
    const { searchParams, origin, hash, pathname, search } = new URL(link.href);
    if (origin !== location.origin) return;
    const target = hash && pathname === location.pathname && search === location.search && this.panel.dom.querySelector(`[id="${CSS.escape(hash.slice(1))}"]`);
    if (target) {
      event.preventDefault();
      target.tabIndex = -1;
      target.focus();
    } else if (link.matches("[data-thread]")) {
      event.preventDefault();
      this.read(link.dataset.thread, this.panel.opener);
    } else if (searchParams.has("part") || pathname.startsWith("/comments/")) {
      event.preventDefault();
      this.bring(link.href, (content) => {
        const place = hash ? content.querySelector(`[id="panel-${CSS.escape(hash.slice(1))}"]`) : null;
        return place?.querySelector("textarea") ?? place;
      });
    }
  }

  read(id, opener) {
    this.endComposing();
    if (this.choosing?.isOn) this.endChoosing();
    this.panel.open({ kind: "thread", id }, { passage: () => this.marks.partsOf(id), opener });
    this.news.seen(id);
    this.showMarks();
    return this.bring(`/threads/${id}`);
  }

  // Several threads may meet in one place.
  readMark(mark) {
    const ids = mark.dataset.threads.split(" ");
    if (ids.length === 1) return document.getElementById(noteId(ids[0])).click();
    this.panel.open({ kind: "several" }, { passage: () => [mark], opener: document.getElementById(noteId(ids[0])) });
    const links = ids.map((id) => {
      const about = this.marks.threads.get(id);
      const link = element("a", { href: about.href }, factsOf(about));
      if (isThread(about)) link.dataset.thread = id;
      return element("li", {}, link, element("span", { class: "soft small" }, say("threadWords", { words: excerpt(about.words, 80) })));
    });
    this.panel.show(element("div", { class: "part several" }, element("h2", {}, say("threadSeveral", { count: ids.length })), element("ul", { class: "several-threads" }, ...links)));
    return undefined;
  }

  compose(passage, opener = this.tools?.comment) {
    if (!passage) return;
    const version = passage.version ?? this.version;
    const from = this.choosing?.isOn ? this.starter : opener;
    this.endComposing();
    this.endChoosing();
    document.getSelection().removeAllRanges();
    const chosen = version === this.version && passage.start !== undefined && passage.section ? this.highlight(passage) : [];
    const about = chosen.length ? chosen : [passage.section?.querySelector(".doc-heading")].filter(Boolean);
    this.panel.open({ kind: "compose", passage: { ...passage, version }, chosen }, { passage: () => about, opener: from });
    const asked = Object.entries({ version, key: passage.key, start: passage.start, end: passage.end }).filter(([, value]) => value !== undefined && value !== "");
    this.bring(`${this.address}/new?${new URLSearchParams(asked)}`);
  }

  highlight({ section, start, end }) {
    const text = new Readable(section);
    return wrap(text.pieces(text.toUnits(start), text.toUnits(end)), () => element("mark", { class: "passage-chosen" }));
  }

  endComposing() {
    const { chosen } = this.panel.what ?? {};
    if (chosen?.length) unwrap(chosen);
    if (this.panel.what) this.panel.what.chosen = [];
  }

  // Puts the part at an address into the panel.
  async bring(address, focus) {
    const { what } = this.panel;
    try {
      const part = await load(address);
      if (this.panel.what !== what) return;
      if (!part) return void location.assign(address); // one has to sign in: the page leads there and back
      this.put(part, focus);
    } catch (error) {
      if (this.panel.what === what) this.failed(error);
    }
  }

  put(part, focus) {
    this.panel.show(part, focus);
    const said = part.querySelector("[data-part-messages]")?.textContent.trim().replace(/\s+/g, " ");
    if (said) announce(said);
    this.margin.later();
  }

  failed(error) {
    if (!(error instanceof Refused)) throw error;
    const { body } = this.panel;
    if (!body.querySelector(".part")) body.replaceChildren();
    this.panel.tell("error", error.reason || say(error.sentence));
  }

  typed({ target }) {
    const { what } = this.panel;
    if (what?.kind === "compose" && target.form) this.unsent?.note(target.form, { words: "", ...what.passage });
  }

  async submit(event) {
    const { target: form, submitter } = event;
    if (form.method !== "post" || event.defaultPrevented) return;
    event.preventDefault();
    if (form.hasAttribute("aria-busy")) return;
    const { what } = this.panel;
    const { words } = form.elements;
    // The server compares what is selected here with what it knows.
    if (what.passage?.words && words && what.passage.version === this.version) words.value = what.passage.words;
    form.setAttribute("aria-busy", "true");
    try {
      const { part, address, isDone } = await send(form, submitter);
      if (isDone && form.dataset.keep) forget(keptKey(form.dataset.keep));
      if (isDone) this.unsent?.show();
      if (this.panel.what !== what) return void this.polling.ask();
      if (isDone) this.done(form, part, address);
      else this.put(part);
    } catch (error) {
      if (this.panel.what === what) this.failed(error);
    } finally {
      form.removeAttribute("aria-busy");
    }
  }

  // What was sent is taken: the thread that it made or changed takes its place.
  done(form, part, address) {
    const [, id] = /^\/threads\/(\d+)$/.exec(new URL(address).pathname) ?? [];
    if (!part) return void location.assign(address);
    if (!id) this.endComposing();
    if (id && this.panel.what.kind === "compose") {
      this.endComposing();
      this.panel.what = { kind: "thread", id };
      this.panel.passage = () => this.marks.partsOf(id);
      this.panel.opener = null;
    }
    const before = [...this.panel.dom.querySelectorAll("[id^=panel-comment-]")].map((comment) => comment.id);
    const action = form.getAttribute("action");
    this.put(part, () => {
      const fresh = [...part.querySelectorAll("[id^=panel-comment-]")].filter((comment) => before.length && !before.includes(comment.id)).at(-1);
      return fresh ?? part.querySelector(`form[action="${CSS.escape(action)}"] button[type=submit]`);
    });
    this.news.own(id);
    this.polling.ask();
  }

  panelNews() {
    const { what } = this.panel;
    const count = what?.kind === "thread" ? this.news.missing(what.id) : 0;
    this.panel.dom.querySelector(".panel-news")?.remove();
    if (!count) return;
    const show = element("button", { type: "button", class: "button button-secondary button-small" }, say("threadShow"));
    show.addEventListener("click", async () => {
      this.news.seen(what.id);
      await this.bring(`/threads/${what.id}`, (content) => [...content.querySelectorAll("[id^=panel-comment-]")].at(-1));
      line.remove();
    });
    const line = element("p", { class: "panel-news" }, say(count === 1 ? "threadNewOne" : "threadNewMany", { count }), " ", show);
    this.panel.head.append(line);
  }

  closed(what, opener) {
    this.panel.dom.querySelector(".panel-news")?.remove();
    const block = what?.chosen?.[0]?.closest("p, li, td, th, h1, h2, h3, h4, h5, h6");
    if (block) block.tabIndex = -1;
    if (what) {
      if (what.chosen?.length) unwrap(what.chosen);
      this.news.seen(what.id);
    }
    // Once the last of it is kept.
    setTimeout(() => this.unsent?.show(), 500);
    this.showMarks();
    const note = what?.id && document.getElementById(noteId(what.id));
    const starters = document.querySelectorAll("[data-choose-passage], [data-comment-foot]");
    const target = [block, opener, note, ...starters].find((each) => each?.isConnected && each.getClientRects().length);
    target?.focus({ preventScroll: true });
  }
}

// The first and the last rectangle of elements or a range on the screen.
function rectsOf(parts) {
  const rects = parts.flatMap((part) => [...part.getClientRects()]).filter(({ width }) => width > 0);
  return rects.length ? [rects[0], rects[rects.length - 1]] : [parts[0].getBoundingClientRect(), parts[0].getBoundingClientRect()];
}
