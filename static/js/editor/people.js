// Who is here and where: the list in the bar, names at the edge of each section, and a word now and then for whoever
// listens instead of looking.
import { announce, element, say } from "../texts.js";
import { still } from "./still.js";

const BETWEEN_WORDS = 10_000; // milliseconds between two announcements

export const initials = (name) => {
  const words = name.trim().split(/\s+/);
  return [...words[0]][0].toUpperCase() + (words.length > 1 ? [...words.at(-1)][0].toUpperCase() : "");
};

const mark = (person) => element("span", { class: `initials person-${person.colour % 12}`, "aria-hidden": "true" }, initials(person.name));

const listed = (names) => new Intl.ListFormat(document.documentElement.lang, { type: "conjunction" }).format(names);

export class People {
  constructor(page) {
    this.page = page;
    this.session = page.session;
    this.list = page.bar.querySelector("[data-live-people]");
    this.count = page.bar.querySelector("[data-live-count]");
    this.where = new Map(); // connection id → section key, as last shown
    this.arrived = new Map(); // person id → [name, section key] to be told of
    this.lastWord = 0;
    this.session.addEventListener("people", () => this.later());
    this.session.addEventListener("presence", ({ detail }) => this.notice(detail));
    this.show();
  }

  // One person in several windows is one person.
  each() {
    const people = new Map();
    for (const person of this.session.people.values()) {
      const other = people.get(person.person);
      if (!other || (person.section && !other.section)) people.set(person.person, person);
    }
    return [...people.values()].sort((one, other) => one.name.localeCompare(other.name));
  }

  later() {
    this.waiting ??= requestAnimationFrame(() => {
      this.waiting = undefined;
      this.show();
    });
  }

  notice(id) {
    const person = this.session.people.get(id);
    const key = person?.section ?? null;
    if (this.where.get(id) === key) return; // moved within the text
    if (key) this.where.set(id, key);
    else this.where.delete(id);
    if (key && id !== this.session.you && person.person !== this.page.person) {
      this.arrived.set(person.person, [person.name, key]);
      this.tell();
    }
    this.later();
  }

  tell() {
    if (this.telling) return;
    this.telling = setTimeout(() => {
      this.telling = undefined;
      this.lastWord = Date.now();
      const sections = new Map();
      for (const [name, key] of this.arrived.values()) sections.set(key, [...(sections.get(key) ?? []), name]);
      this.arrived.clear();
      // Who writes where one writes oneself; of the others only that they do.
      const words = [...sections]
        .filter(([key]) => !this.page.writings.size || this.page.writings.has(key))
        .map(([key, names]) => say(names.length > 1 ? "areWriting" : "isWriting", { names: listed(names), title: this.page.titleOf(key) }));
      if (words.length) announce(words.join(" "));
    }, Math.max(1_000, this.lastWord + BETWEEN_WORDS - Date.now()));
  }

  show() {
    const people = this.each();
    this.count.textContent = people.length || 1;
    this.list.replaceChildren(...people.map((person) => this.entry(person)));
    still(this.page.root, () => {
      for (const section of this.page.root.querySelectorAll("[data-live-section]")) this.showIn(section, people);
    });
  }

  entry(person) {
    const isMe = person.person === this.page.person;
    const name = isMe ? say("you", { name: person.name }) : person.name;
    const key = isMe ? this.page.current : person.section; // of oneself the server says nothing
    const title = key && this.page.titleOf(key);
    const where = title ? say("writesIn", { title }) : say(person.may_write ? "readsNow" : "watches");
    const words = element("span", {}, element("span", { class: "person-name" }, name), " ", element("span", { class: "person-role" }, where));
    return element("li", {}, mark(person), words);
  }

  showIn(section, people) {
    const key = section.dataset.liveSection;
    const here = people.filter((person) => person.section === key && person.person !== this.page.person);
    let row = section.querySelector(":scope .live-here");
    const known = row?.dataset.people ?? "";
    const names = here.map((person) => `${person.person}:${person.name}`).join(" ");
    if (known === names) return;
    row?.remove();
    section.classList.toggle("has-people", here.length > 0);
    if (!here.length) return;
    row = element("p", { class: "live-here", "data-people": names, lang: document.documentElement.lang });
    const words = say(here.length > 1 ? "areHere" : "isHere", { names: this.short(here) });
    row.append(element("span", { class: "live-marks" }, ...here.slice(0, 4).map(mark)), " ", element("span", {}, words));
    // What can be pressed stays where it is.
    const tools = section.querySelector("[data-live-tools]");
    const first = tools.querySelector(":scope > .section-tools");
    if (first) first.after(row);
    else tools.prepend(row);
  }

  short(people) {
    const names = people.slice(0, 3).map((person) => person.name);
    if (people.length > 3) names.push(say(people.length === 4 ? "oneMore" : "more", { count: people.length - 3 }));
    return listed(names);
  }
}
