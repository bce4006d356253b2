// Choosing a passage sentence by sentence: each one can be focused. The arrow keys go from one to the next, with Shift
// they take several, Enter goes on with what is chosen, Escape leaves; a click or a touch chooses too. For assistive
// technology the sentences of a section are a list in which several can be selected; the text keeps its structure.
import { announce, element, say } from "../texts.js";
import { excerpt } from "./marks.js";
import { Readable, unwrap, wrap } from "./readable.js";
import { sentences } from "./sentences.js";

const wordsOf = ({ readable, start, end }) => readable.text.slice(start, end);
const STEPS = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

export class Choosing {
  // `onChange(passage, elements)` is told what is chosen, `onChoose()` that it shall be it, `onLeave()` that nothing shall.
  constructor(text, { onChange, onChoose, onLeave }) {
    Object.assign(this, { text, onChange, onChoose, onLeave });
    this.items = [];
    text.addEventListener("keydown", (event) => this.isOn && this.press(event));
    text.addEventListener("click", (event) => this.isOn && this.click(event));
  }

  get isOn() {
    return this.items.length > 0;
  }

  start() {
    const language = this.text.closest("[lang]").lang;
    for (const section of this.text.querySelectorAll(".doc-section[data-key]")) this.open(section, language);
    if (!this.isOn) return;
    this.text.classList.add("is-choosing");
    const seen = this.items.findIndex(({ parts }) => parts[0].getBoundingClientRect().top >= 0);
    this.choose(seen < 0 ? this.items.length - 1 : seen);
    announce(say("passageChoosing"));
  }

  open(section, language) {
    const readable = new Readable(section);
    const found = readable.blocks().flatMap(([start, end]) =>
      sentences(readable.text.slice(start, end), language).map(([from, to]) => ({ section, readable, start: start + from, end: start + to })),
    );
    const list = element("div", { class: "visually-hidden", role: "listbox", "aria-multiselectable": "true", "data-not-text": "", lang: document.documentElement.lang });
    const title = section.querySelector(".doc-heading > .doc-title")?.textContent.trim() ?? "";
    list.setAttribute("aria-label", say("passageListed", { title }));
    const first = this.items.length;
    for (const item of [...found].reverse()) item.parts = wrap(readable.pieces(item.start, item.end), () => element("span", { class: "sentence" }));
    for (const item of found.filter(({ parts }) => parts.length)) this.add(item);
    const own = this.items.slice(first);
    if (!own.length) return;
    list.setAttribute("aria-owns", own.map(({ parts }) => parts[0].id).join(" "));
    section.append(list);
    for (const item of own) item.list = list;
  }

  // The first part of a sentence stands for all of it.
  add(item) {
    const index = this.items.length;
    for (const part of item.parts) part.dataset.sentence = index;
    const [first] = item.parts;
    first.id = `sentence-${index}`;
    first.setAttribute("role", "option");
    first.setAttribute("aria-selected", "false");
    first.tabIndex = -1;
    // Of brackets, the part that is seen may have one only: they are read as dashes.
    if (item.parts.length > 1) first.setAttribute("aria-label", wordsOf(item).replace(/\s*[()]\s*/g, " – ").replace(/\s+/g, " ").trim());
    this.items.push(item);
  }

  get chosen() {
    return this.items.slice(Math.min(this.anchor, this.head), Math.max(this.anchor, this.head) + 1);
  }

  get passage() {
    const { chosen } = this;
    const { section, readable, start } = chosen[0];
    return { key: section.dataset.key, section, ...readable.passage(start, chosen[chosen.length - 1].end) };
  }

  // Goes to a sentence; `isMore` keeps the one where the passage began.
  choose(index, isMore = false) {
    const before = this.anchor === undefined ? [] : this.chosen;
    if (before.length) this.items[this.head].parts[0].tabIndex = -1;
    this.head = index;
    if (!isMore) this.anchor = index;
    const now = this.chosen;
    for (const item of before) if (!now.includes(item)) this.paint(item, false);
    for (const item of now) if (!before.includes(item)) this.paint(item, true);
    const [target] = this.items[index].parts;
    target.tabIndex = 0;
    target.focus({ preventScroll: true });
    target.scrollIntoView({ block: "nearest" });
    const words = (item) => excerpt(wordsOf(item), 40);
    if (now.length > 1) announce(say("passageMany", { count: now.length, first: words(now[0]), last: words(now[now.length - 1]) }));
    this.onChange(this.passage, now.flatMap(({ parts }) => parts));
  }

  paint({ parts }, isChosen) {
    parts[0].setAttribute("aria-selected", String(isChosen));
    for (const part of parts) part.classList.toggle("is-chosen", isChosen);
  }

  // One sentence more or fewer at the end of the passage, within its section.
  extend(step) {
    const head = Math.max(this.anchor, this.head) + step;
    const first = Math.min(this.anchor, this.head);
    if (head < first || this.items[head]?.section !== this.items[first].section) return;
    this.anchor = first;
    this.choose(head, true);
  }

  press(event) {
    if (!event.target.closest("[data-sentence]") || event.altKey || event.metaKey) return;
    const step = STEPS[event.key];
    if (event.key === "Enter" || event.key === " ") this.onChoose();
    else if (event.key === "Escape") this.onLeave();
    else if (step && !event.ctrlKey) this.move(this.head + step, event.shiftKey);
    else if (event.key === "Home" || event.key === "End") this.move(this.edge(event.key, event.ctrlKey), event.shiftKey);
    else if (event.key === "PageDown" || event.key === "PageUp") this.move(this.neighbour(event.key === "PageDown"), false);
    else return;
    event.preventDefault();
  }

  move(index, isMore) {
    const item = this.items[index];
    if (item && !(isMore && item.section !== this.items[this.anchor].section)) this.choose(index, isMore);
  }

  // The first or last sentence of this section, or of the whole text.
  edge(key, isOfAll) {
    const { section } = this.items[this.head];
    const of = (item) => isOfAll || item.section === section;
    return key === "Home" ? this.items.findIndex(of) : this.items.map(of).lastIndexOf(true);
  }

  // The first sentence of the next section, or of the one before.
  neighbour(isNext) {
    const first = this.edge("Home", false);
    if (isNext) return this.edge("End", false) + 1;
    return first > 0 ? this.items.findIndex(({ section }) => section === this.items[first - 1].section) : first;
  }

  click(event) {
    const part = event.target.closest("[data-sentence]");
    if (!part || !document.getSelection().isCollapsed) return;
    event.preventDefault(); // a link in the text leads nowhere now
    event.stopPropagation();
    this.move(Number(part.dataset.sentence), event.shiftKey);
  }

  end() {
    unwrap(this.text.querySelectorAll(".sentence"));
    for (const { list } of this.items) list.remove();
    this.items = [];
    this.anchor = this.head = undefined;
    this.text.classList.remove("is-choosing");
  }
}
