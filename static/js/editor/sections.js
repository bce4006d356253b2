// The page follows the document: sections that others add, rename, move and take out, and what they write in those that
// are not open here. Whatever comes, the cursor and the place on the screen stay.
import { still } from "./still.js";

const QUIET = 1_500; // milliseconds after a change, so that it is committed and more of it has come
const APART = 3_000; // at least, between two requests
const EACH_PERSON = 100; // more, for everybody who may ask the same
const MOST_TRIES = 5; // while the server has less than we saw

export class Sections {
  constructor(page) {
    this.page = page;
    this.root = page.root;
    this.session = page.session;
    this.stale = new Map(); // key → tries so far
    this.isArranged = true;
    this.lastAsked = 0;
    this.held = undefined; // the section that must not move on the screen
    this.session.addEventListener("sections", () => this.compare());
    this.session.addEventListener("remote", ({ detail }) => this.changed(detail));
    this.visible = new Set();
    this.observer = new IntersectionObserver((entries) => this.seen(entries), { rootMargin: "50% 0px" });
    for (const section of this.all()) this.observer.observe(section);
  }

  all() {
    return [...this.root.querySelectorAll(":scope > [data-live-section]")];
  }

  find(key) {
    return this.root.querySelector(`:scope > [data-live-section="${CSS.escape(key)}"]`);
  }

  seen(entries) {
    for (const { target, isIntersecting } of entries) this.visible[isIntersecting ? "add" : "delete"](target.dataset.liveSection);
    if (this.wanted().length) this.later();
  }

  // The text of some sections changed: those that can be seen are asked for, the others when they come into view.
  changed(keys) {
    for (const key of keys) this.stale.set(key, 0);
    this.later();
  }

  wanted() {
    return [...this.stale.keys()].filter((key) => this.visible.has(key) && !this.page.writings.has(key));
  }

  // Is the page arranged as the document is? Numbers and order are compared, and what each section is called.
  compare() {
    const living = this.session.sections.filter((section) => !section.is_retired);
    const shown = this.all().filter((section) => !section.matches(".is-gone"));
    const isSame =
      living.length === shown.length &&
      living.every(({ key, slug, title, may_edit: mayEdit }, index) => {
        const { dataset } = shown[index];
        const isWritable = Boolean(shown[index].querySelector("[data-write]"));
        return dataset.liveSection === key && dataset.slug === slug && dataset.title === title && isWritable === Boolean(mayEdit);
      });
    if (isSame) return;
    this.isArranged = false;
    this.later(0);
  }

  later(quiet = QUIET) {
    const apart = Math.max(APART, this.session.people.size * EACH_PERSON);
    const wait = Math.max(quiet, quiet ? this.lastAsked + apart - Date.now() : 0);
    const due = Date.now() + wait;
    if (this.timer && this.due <= due) return;
    clearTimeout(this.timer);
    this.due = due;
    this.timer = setTimeout(() => this.refresh(), wait);
  }

  // Ask for what is not as it should be; `keys` more than what was noticed. Returns whether the answer came.
  async refresh(keys = []) {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.lastAsked = Date.now();
    const asked = new Set([...keys, ...this.wanted(), ...(this.isArranged ? [] : this.session.sections.map(({ key }) => key))]);
    if (!asked.size && !this.stale.size) return true;
    const tries = new Map(this.stale);
    for (const key of asked) this.stale.delete(key);
    const parts = await this.ask([...asked]);
    if (!parts) {
      for (const key of asked) this.stale.set(key, tries.get(key) ?? 0);
      return false;
    }
    this.isArranged = true;
    this.apply(parts);
    for (const { key, length, html } of parts.sections) {
      const known = this.session.text(key).length;
      const count = tries.get(key) ?? 0;
      if (html && length !== known && !this.page.writings.has(key) && count < MOST_TRIES) this.stale.set(key, count + 1);
    }
    if (this.wanted().length) this.later();
    return true;
  }

  async ask(keys) {
    try {
      const answer = await fetch(`${this.root.dataset.page}/parts?keys=${keys.map(encodeURIComponent).join(",")}`);
      return answer.ok && !answer.redirected ? await answer.json() : null;
    } catch {
      return null; // no connection: the next change asks again
    }
  }

  apply(parts) {
    const follow = () => {
      const order = parts.sections.map((part) => this.put(part)).filter(Boolean);
      this.removeAllBut(order);
      this.arrange(order);
      this.putContents(parts.contents);
      this.putRetired(parts.retired);
      this.page.arranged();
    };
    still(this.root, follow, this.held);
  }

  // Runs `change`, which arranges the document anew, and follows it; `section`, whose tools were used, stays where it is on
  // the screen, also when word of the change comes another way first.
  async rearrange(section, change) {
    this.held = section;
    const from = document.activeElement;
    try {
      const result = await change();
      const active = document.activeElement;
      if (active === from || active.closest("[data-live-tools]")) active.blur(); // tools that one is in are not renewed
      this.isArranged = false;
      await this.refresh();
      return result;
    } finally {
      this.held = undefined;
    }
  }

  put({ key, slug, html }) {
    const old = this.find(key);
    if (!html) return old;
    const made = new DOMParser().parseFromString(html, "text/html").querySelector("[data-live-section]");
    const section = document.importNode(made, true);
    if (!old) {
      this.root.append(section);
      this.observer.observe(section);
      attach(section);
      return section;
    }
    Object.assign(old.dataset, { slug, title: section.dataset.title });
    old.classList.remove("is-gone");
    const [shown, fresh] = [old, section].map((each) => each.querySelector(".doc-section"));
    for (const { name, value } of fresh.attributes) shown.setAttribute(name, value);
    for (const part of [".doc-heading", "[data-live-tools]", "[data-live-body]"]) this.swap(shown, fresh, part);
    return old;
  }

  // A part somebody is in stays as it is; a list of tools that is unfolded stays unfolded.
  swap(shown, fresh, selector) {
    const [old, part] = [shown, fresh].map((section) => section.querySelector(`:scope > ${selector}`));
    if (!old || !part || old.outerHTML === part.outerHTML) return;
    if (old.contains(document.activeElement) && !old.matches("[data-live-body]")) return;
    if (old.querySelector("details[open]") && part.querySelector("details")) part.querySelector("details").open = true;
    part.hidden = old.hidden;
    old.replaceWith(part);
    attach(part);
  }

  removeAllBut(order) {
    for (const section of this.all()) {
      if (order.includes(section)) continue;
      if (this.page.writings.has(section.dataset.liveSection)) section.classList.add("is-gone");
      else section.remove();
    }
    if (order.length) document.querySelector(".reading-text > .empty")?.remove();
  }

  removeGone() {
    for (const section of this.root.querySelectorAll(":scope > .is-gone")) {
      if (!this.page.writings.has(section.dataset.liveSection)) section.remove();
    }
  }

  // The others move around the one in which somebody writes: an element that moves loses the focus.
  arrange(order) {
    const pivot = order.find((section) => section.contains(document.activeElement)) ?? order[0];
    const place = order.indexOf(pivot);
    let next = pivot;
    for (const section of order.slice(0, place).reverse()) {
      if (next.previousElementSibling !== section) next.before(section);
      next = section;
    }
    let last = pivot;
    for (const section of order.slice(place + 1)) {
      if (last.nextElementSibling !== section) last.after(section);
      last = section;
    }
  }

  putContents(html) {
    const list = document.querySelector("#contents .contents-list");
    if (!list || this.contents === html) return;
    this.contents = html;
    const fresh = new DOMParser().parseFromString(html, "text/html").querySelector(".contents-list");
    const words = (one) => [...one.querySelectorAll("a")].map((link) => link.hash + link.textContent.replace(/\s+/g, " ")).join();
    if (words(fresh) === words(list) || list.contains(document.activeElement)) return;
    const made = document.importNode(fresh, true);
    list.replaceWith(made);
    attach(made);
  }

  putRetired(html) {
    const place = document.querySelector("[data-live-retired]");
    if (this.retired === html || place.contains(document.activeElement)) return;
    this.retired = html;
    const fresh = new DOMParser().parseFromString(html, "text/html").body;
    const wasOpen = place.querySelector("details")?.open ?? false;
    if (fresh.querySelector("details")) fresh.querySelector("details").open = wasOpen;
    place.replaceChildren(...[...fresh.childNodes].map((node) => document.importNode(node, true)));
  }
}

// The behaviours of all pages attach themselves to what came (behave.js listens to htmx's word for it).
function attach(element) {
  document.dispatchEvent(new CustomEvent("htmx:load", { detail: { elt: element } }));
}
