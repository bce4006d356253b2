// What could not be joined by itself: both texts, their words compared, and the person decides. Nothing is dropped.
import { element, icon, say } from "../texts.js";
import { diffWords } from "./words.js";

const REASONS = { frozen: "whyFrozen", retired: "whyRetired", rights: "whyRights", refused: "whyRefused" };

const NEAR = 160; // characters of unchanged text that stand beside a change

// Long unchanged stretches are shortened in the middle.
function near(text) {
  if (text.length < 3 * NEAR) return text;
  return `${text.slice(0, NEAR).replace(/\S*$/, "")} […] ${text.slice(-NEAR).replace(/^\S*/, "")}`;
}

// A text with what it changed in what both began from.
function side(title, before, after) {
  const text = element("div", { class: "choose-text" });
  for (const { kind, text: words } of diffWords(before, after)) {
    text.append(kind === "equal" ? near(words) : element(kind === "insert" ? "ins" : "del", {}, words));
  }
  return element("div", {}, element("h4", { class: "diff-side-title" }, title), text);
}

const button = (kind, name, words, onPress) => {
  const made = element("button", { type: "button", class: `button button-${kind}` }, icon(name), " ", words);
  made.addEventListener("click", onPress);
  return made;
};

// A dialog with a heading and a way out; its content is `body`.
export function dialog(title, body, onClose = () => {}) {
  const close = button("plain", "cross", say("close"), () => box.close());
  const id = `live-dialog-${Math.random().toString(36).slice(2)}`;
  const box = element("dialog", { class: "live-dialog", "aria-labelledby": id, lang: document.documentElement.lang });
  const heading = element("h2", { id, tabindex: "-1" }, title);
  box.append(element("header", { class: "live-dialog-head" }, heading, close), body);
  box.addEventListener("close", () => {
    box.remove();
    onClose();
  });
  document.body.append(box);
  box.showModal();
  heading.focus(); // not a button: the question may come in the middle of a word
  return box;
}

export class Choices {
  constructor(page) {
    this.page = page;
    this.session = page.session;
    this.pending = new Map();
    this.session.addEventListener("choose", ({ detail }) => {
      for (const choice of detail) this.pending.set(choice.id, choice);
      this.ask();
    });
  }

  // What is decided later stays on this device, and on the page as something to decide.
  ask() {
    if (this.box || !this.pending.size) return this.remind();
    const list = element("div", { class: "choose-list" });
    list.append(element("p", {}, say("chooseLead")), ...[...this.pending.values()].map((choice) => this.article(choice)));
    this.box = dialog(say("chooseTitle"), list, () => {
      this.box = undefined;
      this.remind();
    });
  }

  remind() {
    this.page.tell("choose", this.pending.size ? "warning" : null, say("choosePending"), [say("chooseLook"), () => this.ask()]);
  }

  article(choice) {
    const made = element("article", { class: "choose" }, element("h3", {}, choice.title), element("p", {}, say(REASONS[choice.why] ?? "whyRefused")));
    const sides = element("div", { class: "diff-sides" }, side(say("mine"), choice.base, choice.mine), side(say("theirs"), choice.base, choice.theirs));
    const tools = element("div", { class: "actions" });
    if (choice.mayEdit) tools.append(button("primary", "check", say("putIn"), () => this.settle(choice, "put", made)));
    tools.append(
      button("secondary", "copy", say("keepAside"), () => this.settle(choice, "keep", made)),
      button("plain", "clock", say("decideLater"), () => this.box.close()),
    );
    sides.lang = this.page.root.lang;
    made.append(sides, tools);
    return made;
  }

  // Rights may have gone since the question was asked: the text can still be kept aside.
  announceNot(article, choice) {
    const now = this.article({ ...choice, mayEdit: false, why: "rights" });
    article.replaceWith(now);
    now.querySelector("button").focus();
  }

  async settle(choice, decision, article) {
    if (!(await this.session.choose(choice.id, decision))) return this.announceNot(article, choice);
    this.pending.delete(choice.id);
    article.replaceWith(element("p", { class: "choose-done", role: "status", tabindex: "-1" }, say(decision === "put" ? "isPutIn" : "isKeptAside", { title: choice.title })));
    if (this.pending.size) this.box?.querySelector(".choose-done")?.focus();
    else this.box?.close();
    this.page.settled(choice, decision);
    if (!this.pending.size) this.page.backTo(choice.key);
  }
}
