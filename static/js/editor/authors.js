// Who wrote this: each person's words in a colour of theirs, with a legend, their share, and names on demand.
import { announce, element, say } from "../texts.js";
import { runsOfWords } from "./attribution.js";
import { still } from "./still.js";

const REFRESH = 4_000; // milliseconds after the last change

const percent = (share) =>
  share.toLocaleString(document.documentElement.lang, { style: "percent", maximumFractionDigits: share < 0.1 ? 1 : 0 });

export class Authors {
  constructor(page) {
    this.page = page;
    this.isShown = false;
    this.sections = {}; // key → {text, runs}
    this.people = new Map(); // id → {name, share, colour}
    page.root.classList.add("has-author-names"); // colours alone tell nothing
  }

  get hasNames() {
    return this.page.root.classList.contains("has-author-names");
  }

  async toggle() {
    if (this.isShown) return this.hide();
    await this.load();
    this.isShown = true;
    this.hold(() => {
      this.mark();
      this.legend();
    });
    announce(say("authorsShown"));
  }

  hide() {
    this.isShown = false;
    clearTimeout(this.timer);
    this.hold(() => {
      for (const writing of this.page.writings.values()) writing.setAuthors(null);
      for (const body of this.page.root.querySelectorAll("[data-live-body]")) unmark(body);
      this.box?.remove();
    });
    this.press();
    announce(say("authorsHidden"));
  }

  // The legend comes and goes above the text: whoever is further down keeps their place.
  hold(change) {
    if (this.page.messages.getBoundingClientRect().top < 0) still(this.page.root, change);
    else change();
  }

  async load() {
    const answer = await fetch(`${this.page.root.dataset.page}/authors`);
    if (!answer.ok || answer.redirected) throw new Error("who wrote what is not known now");
    const { people, sections } = await answer.json();
    this.sections = sections;
    const taken = new Set();
    const known = new Map([...(this.page.session?.people.values() ?? [])].map((person) => [person.person, person.colour % 12]));
    this.people = new Map();
    for (const person of people) {
      let colour = known.get(person.id) ?? person.id % 12;
      for (let turn = 0; taken.has(colour) && turn < 12; turn += 1) colour = (colour + 1) % 12;
      taken.add(colour);
      this.people.set(person.id, { ...person, colour });
    }
  }

  press() {
    for (const button of document.querySelectorAll("[data-live-authors]")) button.setAttribute("aria-pressed", String(this.isShown));
  }

  // Colours what stands on the page now; called again whenever some of it came anew.
  mark() {
    if (!this.isShown) return;
    this.press();
    for (const section of this.page.root.querySelectorAll("[data-live-section]")) {
      const key = section.dataset.liveSection;
      const known = this.sections[key];
      const body = section.querySelector("[data-live-body]");
      if (known && !body.hidden) markWords(body, known, this.people);
    }
    for (const [key, writing] of this.page.writings) this.markWriting(key, writing);
  }

  markWriting(key, writing) {
    const known = this.sections[key];
    const text = writing.text;
    if (!known) return;
    const runs = known.text === text.toString() ? known.runs : runsOfWords(known, text.toString());
    writing.setAuthors(this.coloured(runs), this.hasNames);
  }

  coloured(runs) {
    return runs.map(([person, length]) => {
      const { colour = null, name = "" } = this.people.get(person) ?? {};
      return { person, length, colour, name, words: said(name) };
    });
  }

  // Others, or oneself, wrote more: it is asked for once they pause.
  later() {
    if (!this.isShown) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(async () => {
      try {
        await this.load();
        this.hold(() => {
          this.mark();
          this.legend();
        });
      } catch {
        this.later(); // no connection: what is shown stays
      }
    }, REFRESH);
  }

  legend() {
    const rows = [...this.people.values()].map(({ id, name, share, colour }) =>
      element(
        "li",
        {},
        element("span", { class: `by person-${colour}` }, id === this.page.person ? say("you", { name }) : name),
        " ",
        element("span", { class: "soft" }, percent(share)),
      ),
    );
    const names = element("input", { type: "checkbox", id: "live-names" });
    names.checked = this.hasNames;
    names.addEventListener("change", () => {
      this.page.root.classList.toggle("has-author-names", names.checked);
      this.mark();
    });
    const close = element("button", { type: "button", class: "button button-plain button-small" }, say("authorsHide"));
    close.addEventListener("click", () => {
      this.hide();
      document.querySelector("[data-live-start] [data-live-authors]").focus();
    });
    const tools = element("div", { class: "live-legend-tools" }, close);
    if (rows.length) tools.prepend(element("span", { class: "tick" }, names, element("label", { for: "live-names" }, say("authorsNames"))));
    const box = element(
      "section",
      { class: "live-legend", "aria-labelledby": "live-legend-title", lang: document.documentElement.lang },
      element("h2", { id: "live-legend-title" }, say("authorsTitle")),
      rows.length ? element("ul", { class: "live-legend-list" }, ...rows) : element("p", {}, say("authorsNone")),
      ...(rows.length ? [element("p", { class: "soft small" }, say("authorsMeaning"))] : []),
      tools,
    );
    const tag = this.box?.contains(document.activeElement) ? document.activeElement.localName : null;
    if (this.box?.isConnected) this.box.replaceWith(box);
    else this.page.messages.prepend(box);
    this.box = box;
    if (tag) box.querySelector(tag)?.focus({ preventScroll: true });
  }
}

function unmark(body) {
  if (!body.querySelector(".by")) return;
  for (const label of body.querySelectorAll(".by-name")) label.remove();
  for (const span of body.querySelectorAll(".by")) span.replaceWith(...span.childNodes);
  body.normalize();
}

// The words of a rendered section in the colour of who wrote them in its Markdown.
function markWords(body, known, people) {
  unmark(body);
  const nodes = [];
  const walker = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    if (!walker.currentNode.parentElement.closest(".permalink, .doc-letter, .doc-attribution, .reference, .footnote-ref, .footnote-backref")) nodes.push(walker.currentNode);
  }
  const runs = runsOfWords(known, nodes.map((node) => node.data).join(""));
  let [index, left] = [0, runs[0]?.[1] ?? 0];
  let before;
  for (const node of nodes) {
    const pieces = [];
    for (let at = 0; at < node.data.length; ) {
      while (left === 0 && index < runs.length - 1) [index, left] = [index + 1, runs[index + 1][1]];
      const length = Math.min(left || Infinity, node.data.length - at);
      const text = node.data.slice(at, at + length);
      const person = people.get(runs[index]?.[0]);
      pieces.push(person && text.trim() ? signed(text, person, person !== before) : text);
      if (text.trim()) before = person;
      at += length;
      left -= Math.min(left, length);
    }
    if (pieces.some((piece) => typeof piece !== "string")) node.replaceWith(...pieces);
  }
}

// A name before what somebody wrote.
const said = (name) => `${say("wrote", { name })} `;

function signed(text, person, isFirst) {
  const span = element("span", { class: `by person-${person.colour}`, title: person.name });
  if (isFirst) span.append(element("span", { class: "by-name" }, said(person.name)));
  span.append(text);
  return span;
}
