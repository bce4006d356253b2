// Where a thread is read and written in: beside its passage in the margin of a wide screen, on others a sheet that rises
// from below and leaves the passage in sight above it. It takes the focus when it opens, and gives it back.
import { watchKeyboard } from "../keyboard.js";
import { element, icon, notice, say } from "../texts.js";
import { isWide } from "./margin.js";

const AROUND = 16; // pixels between a passage and what is near it
const [LEAST, WIDEST] = [320, 400]; // pixels of a panel in the margin

export class Panel {
  constructor(reading, { onClose }) {
    this.reading = reading;
    this.onClose = onClose;
    const button = (words, name) => {
      const made = element("button", { type: "button", class: "button button-plain button-small" }, icon(name), " ", words);
      return made;
    };
    this.back = button(say("threadPassage"), "quote");
    this.back.addEventListener("click", () => this.toPassage());
    const close = button(say("threadClose"), "cross");
    close.addEventListener("click", () => this.close());
    this.body = element("div", { class: "panel-body" });
    this.head = element("div", { class: "panel-head" }, this.back, close);
    this.dom = element("section", { class: "thread-panel", role: "dialog", "aria-label": say("threadOpening"), tabindex: "-1", lang: document.documentElement.lang }, this.head, this.body);
    this.dom.hidden = true;
    this.dom.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.defaultPrevented) return;
      event.preventDefault();
      this.close();
    });
    reading.append(this.dom);
    window.addEventListener("popstate", () => this.isOpen && this.isInHistory && this.shut());
    new ResizeObserver(() => this.keepRoom()).observe(this.dom);
    watchKeyboard();
  }

  get isOpen() {
    return !this.dom.hidden;
  }

  // `what` says what is in it, for `show` and `onClose`; `passage()` returns the elements of the passage, `opener` has the
  // focus again when the panel closes.
  open(what, { passage, opener = document.activeElement }) {
    const wasOpen = this.isOpen;
    this.what = what;
    this.passage = passage;
    this.opener = opener;
    this.body.replaceChildren(element("p", { class: "soft" }, say("threadOpening")));
    this.dom.setAttribute("aria-label", say("threadOpening"));
    this.dom.removeAttribute("aria-labelledby");
    this.dom.hidden = false;
    this.back.hidden = !passage().length;
    document.documentElement.classList.add("has-thread-panel");
    if (!wasOpen) this.enterHistory();
    this.settle(true);
    this.dom.focus({ preventScroll: true });
  }

  // A step back closes a sheet, as people do on a phone.
  enterHistory() {
    this.isInHistory = !isWide();
    if (!this.isInHistory) return;
    this.restoration = history.scrollRestoration;
    history.scrollRestoration = "manual"; // else the page would jump to where it was
    history.pushState({ panel: true }, "");
  }

  // Puts what came in its place; its first heading names the panel and takes the focus, unless `focus(content)` returns
  // something else in it that shall.
  show(content, focus = () => null) {
    const hadFocus = this.dom.contains(document.activeElement);
    this.body.replaceChildren(content);
    const heading = content.querySelector("h1, h2, h3, h4");
    if (heading) {
      heading.id ||= "panel-title";
      this.dom.setAttribute("aria-labelledby", heading.id);
    } else {
      this.dom.setAttribute("aria-label", content.textContent.trim().replace(/\s+/g, " "));
    }
    document.dispatchEvent(new CustomEvent("htmx:load", { detail: { elt: content } }));
    this.settle();
    // A summary of errors has taken it already.
    if (content.contains(document.activeElement) || !(hadFocus || document.activeElement === document.body)) return;
    const target = focus(content) || heading || this.dom;
    if (target.tabIndex < 0) target.tabIndex = -1; // whatever it is, it takes the focus now
    target.focus();
  }

  // Says above what is there that something did not work.
  tell(kind, text) {
    this.body.querySelector("[data-panel-told]")?.remove();
    const told = element("div", { role: "alert", "data-panel-told": "" }, notice(kind, element("p", {}, text)));
    this.body.prepend(told);
    told.scrollIntoView({ block: "nearest" });
  }

  // Beside its passage, or with the passage in sight above it.
  settle(isNew = false) {
    const parts = this.passage();
    const first = parts[0]?.getBoundingClientRect();
    const around = this.reading.getBoundingClientRect();
    const aside = this.reading.querySelector(".reading-margin").getBoundingClientRect();
    const { style } = this.dom;
    const top = first ? first.top : Math.max(AROUND, around.top);
    if (first || isNew) style.setProperty("--panel-top", `${Math.round(Math.max(0, top - around.top))}px`);
    // As wide as the margin and what is free beside it; where that is little, it covers the edge of the sheet of paper.
    const right = Math.min(document.documentElement.clientWidth - AROUND, aside.left + WIDEST);
    const left = Math.min(aside.left, right - LEAST);
    style.setProperty("--panel-left", `${Math.round(left - around.left)}px`);
    style.setProperty("--panel-width", `${Math.round(right - left)}px`);
    this.keepRoom();
    if (first && !isWide()) this.uncover(parts);
  }

  // The page can be scrolled until its end stands above a sheet.
  keepRoom() {
    const height = this.isOpen && !isWide() ? this.dom.offsetHeight : 0;
    document.documentElement.style.setProperty("--sheet-height", `${height}px`);
  }

  uncover(parts) {
    const [first, last] = [parts[0].getBoundingClientRect(), parts[parts.length - 1].getBoundingClientRect()];
    const free = this.dom.getBoundingClientRect().top;
    const over = last.bottom + AROUND - free;
    if (first.top >= AROUND && over <= 0) return;
    // The end of the passage above the sheet; of a long one, its beginning.
    window.scrollBy({ top: Math.min(over, first.top - AROUND), behavior: "instant" });
  }

  toPassage() {
    const [first] = this.passage();
    if (!first) return;
    first.tabIndex = -1;
    first.focus({ preventScroll: true });
    first.scrollIntoView({ block: isWide() ? "center" : "start" });
  }

  close() {
    if (!this.isOpen) return;
    const isInHistory = this.isInHistory && history.state?.panel;
    this.shut();
    if (isInHistory) history.back();
  }

  shut() {
    this.isInHistory = false;
    this.dom.hidden = true;
    this.body.replaceChildren();
    document.documentElement.classList.remove("has-thread-panel");
    this.keepRoom();
    if (this.restoration) setTimeout(() => (history.scrollRestoration = this.restoration), 100);
    const { what, opener } = this;
    this.what = undefined;
    this.onClose(what, opener);
  }
}
