// The page on which a group writes: opens sections in place, one connection for all of them, and says what happens.
import { watchKeyboard } from "../keyboard.js";
import { keepPage } from "../kept-pages.js";
import { announce, element, notice, say } from "../texts.js";
import { Arranging } from "./arranging.js";
import { Authors } from "./authors.js";
import { Choices } from "./choose.js";
import { Discussions } from "./discussions.js";
import { handOver } from "./hand-over.js";
import { Kept } from "./kept.js";
import { People } from "./people.js";
import { Saving } from "./saving.js";
import { Sections } from "./sections.js";
import { Session } from "./session.js";
import { Writing } from "./writing.js";

const UNTIL_SAVED = 4_000; // milliseconds that “Done” waits for what is on its way
const CRAMPED = 460; // pixels of height below which the bar leaves all it can to the text
const HOPELESS = ["ended", "another", "rights", "unreachable"]; // reasons for which no text will come
const SILENCING = ["another", "rights"]; // and for which nothing more may be typed

export class Page {
  constructor(root) {
    this.root = root;
    this.bar = document.querySelector("[data-live-bar]");
    this.notes = this.bar.querySelector("[data-live-notes]");
    this.messages = document.querySelector("[data-live-messages]");
    this.person = Number(document.body.dataset.person);
    this.writings = new Map(); // section key → Writing
    this.authors = new Authors(this);
  }

  // Connects, once; resolved when there is a text to write in, from the server or from this device.
  async start() {
    if (!this.session) {
      const { draft, latest, socket } = this.root.dataset;
      const session = new Session({
        draft: Number(draft),
        person: this.person,
        socket,
        language: document.documentElement.lang,
        latest: Number(latest),
      });
      this.session = session;
      this.saving = new Saving(this.bar, session, { onPlainForm: () => this.toPlainForm() });
      this.sections = new Sections(this);
      this.people = new People(this);
      this.choices = new Choices(this);
      this.kept = new Kept(this);
      this.discussions = new Discussions(this);
      this.arranging = new Arranging(this);
      this.listen();
      watchKeyboard(({ height, scale }) => document.documentElement.classList.toggle("is-cramped", height * scale < CRAMPED));
    }
    await Promise.race([this.session.ready, this.hopeless()]);
    if (!this.session.sections.length) throw new Error("there is no text to write in");
  }

  // Rejected when it is sure that nothing will come.
  hopeless() {
    const { session } = this;
    return new Promise((_, reject) => {
      const look = () => HOPELESS.includes(session.state.why) && reject(new Error(session.state.why));
      session.addEventListener("state", look);
      session.ready.then(() => session.removeEventListener("state", look));
      look();
    });
  }

  listen() {
    this.session.addEventListener("sections", () => this.checkRights());
    this.session.addEventListener("state", () => SILENCING.includes(this.session.state.why) && this.silence(this.session.state.why));
    this.session.addEventListener("rebuilt", () => {
      for (const writing of this.writings.values()) writing.rebind();
    });
    this.session.addEventListener("frozen", ({ detail }) => this.frozen(detail));
    this.session.addEventListener("remote", () => this.authors.later());
    const cursors = () => {
      for (const writing of this.writings.values()) writing.showCursors();
    };
    for (const name of ["presence", "people", "remote"]) this.session.addEventListener(name, cursors);
    this.bar.querySelector("[data-live-done]").addEventListener("click", () => (this.current ? this.done(this.current) : this.stop()));
    this.bar.querySelector("[data-live-authors]").addEventListener("click", () => this.closeMenu());
  }

  titleOf(key) {
    return this.session.sections.find((section) => section.key === key)?.title ?? "";
  }

  async write(key) {
    await this.start();
    const known = this.session.sections.find((section) => section.key === key);
    if (!known) throw new Error("this section is not there any more");
    const section = this.sections.find(key);
    const place = section.getBoundingClientRect().top;
    this.show();
    if (!known.may_edit) {
      this.tell(`rights:${key}`, "warning", say("mayNot", { title: known.title, reason: known.reason }));
      return this.sections.compare();
    }
    if (!this.writings.has(key)) this.writings.set(key, new Writing(this, known));
    this.focused(key);
    this.writings.get(key).focus();
    this.arranged();
    this.remember();
    this.hold(section, place);
    // Whoever writes here finds the page again without a connection.
    keepPage(this.person);
  }

  // What somebody pressed stays under their eyes, unless the bar would hide it.
  hold(section, place) {
    const [above, below] = [this.coveredAbove(), window.innerHeight * (this.isBarAtTop() ? 0.6 : 0.2)];
    const wanted = Math.min(Math.max(place, above), below);
    window.scrollBy({ top: section.getBoundingClientRect().top - wanted, behavior: "instant" });
  }

  // How much of the top of the window the bar takes: none on a narrow screen, where it stands at the foot.
  coveredAbove() {
    return this.isBarAtTop() ? this.bar.offsetHeight + 16 : 16;
  }

  isBarAtTop() {
    return getComputedStyle(this.bar).position === "sticky";
  }

  // Read along while others write, without an editor.
  async open() {
    await this.start();
    this.show();
    this.session.announce({ section: null, anchor: null, head: null });
  }

  async follow() {
    await this.open();
    announce(say("following"));
    this.bar.querySelector("summary").focus({ preventScroll: true });
  }

  show() {
    if (this.bar.hidden) this.watchBar();
    this.bar.hidden = false;
    document.documentElement.classList.add("is-live");
    for (const button of document.querySelectorAll("[data-live-follow]")) button.hidden = true;
    this.sections.compare();
    this.showDone();
  }

  // What was chosen in the menu of the bar happens on the page, which the menu would cover.
  closeMenu() {
    const menu = this.bar.querySelector("details");
    menu.open = false;
    menu.querySelector("summary").focus({ preventScroll: true });
  }

  // The tools of the editor stand below the bar, whatever it has to say; the text stays where it is, and the cursor in
  // sight.
  watchBar() {
    let before = null;
    new ResizeObserver(() => {
      const { style } = document.documentElement;
      const height = this.bar.offsetHeight;
      const isAtTop = this.isBarAtTop();
      style.setProperty("--above-editor", `${isAtTop ? height : 0}px`);
      style.setProperty("--below-editor", `${isAtTop ? 0 : height}px`);
      if (before === null || before === height) return void (before = height);
      const isStuck = isAtTop && this.bar.getBoundingClientRect().top <= 0 && window.scrollY > 0;
      if (isStuck) window.scrollBy({ top: height - before, behavior: "instant" });
      before = height;
      this.writings.get(this.current)?.keepInSight();
    }).observe(this.bar);
  }

  showDone() {
    const button = this.bar.querySelector("[data-live-done]");
    button.hidden = false;
    button.replaceChildren(say(this.writings.size ? "done" : "stop"));
    button.classList.toggle("button-primary", this.writings.size > 0);
    button.classList.toggle("button-secondary", !this.writings.size);
    if (this.writings.size > 1 && this.current) button.append(element("span", { class: "visually-hidden" }, ` (${this.titleOf(this.current)})`));
    document.documentElement.classList.toggle("is-writing", this.writings.size > 0);
  }

  focused(key) {
    if (this.current !== key) this.people.later();
    this.current = key;
    this.showDone();
  }

  async done(key) {
    const writing = this.writings.get(key);
    if (!writing || writing.isClosing) return;
    writing.isClosing = true;
    await this.untilSaved();
    const isSaved = this.session.state.kind === "saved";
    const isShown = isSaved && (await this.sections.refresh([key]));
    writing.close({ isShown, isSaved });
    this.writings.delete(key);
    if (!isShown) this.sections.changed([key]);
    this.current = [...this.writings.keys()].at(-1);
    this.showDone();
    this.remember();
    this.arranged();
    if (writing.isRetired) this.sections.removeGone();
    this.backTo(key);
  }

  // The focus goes where one can write on, else where one can go on reading.
  backTo(key) {
    const writing = this.writings.get(key);
    if (writing) return writing.focus();
    const link = this.sections.find(key)?.querySelector("[data-write]:not([hidden])");
    return (link ?? this.bar.querySelector("summary")).focus({ preventScroll: !link });
  }

  untilSaved() {
    if (this.session.state.kind === "saved") return Promise.resolve();
    return new Promise((resolve) => {
      const look = () => this.session.state.kind === "saved" && end();
      const timer = setTimeout(() => end(), UNTIL_SAVED);
      const end = () => {
        clearTimeout(timer);
        this.session.removeEventListener("state", look);
        resolve();
      };
      this.session.addEventListener("state", look);
    });
  }

  async stop() {
    await this.session.destroy();
    location.assign(this.root.dataset.page);
  }

  // What is open here opens again when the page is loaded anew, also without a connection.
  remember() {
    const address = new URL(location.href);
    if (this.writings.size) address.searchParams.set("write", [...this.writings.keys()].join(","));
    else address.searchParams.delete("write");
    history.replaceState(history.state, "", address);
  }

  // After the page followed the document: what hangs on its parts is put on again.
  arranged() {
    for (const writing of this.writings.values()) writing.settle();
    this.people?.show();
    this.authors.mark();
  }

  checkRights() {
    for (const [key, writing] of this.writings) {
      const known = this.session.sections.find((section) => section.key === key);
      if (!known || known.is_retired) writing.stop(say("wasRetired", { title: known?.title ?? writing.title }), true);
      else if (!known.may_edit) writing.stop(say("mayNoLonger", { title: known.title, reason: known.reason }));
      else writing.resume(known.title);
    }
  }

  silence(why) {
    announce(say(why === "another" ? "unsavedAnother" : "unsavedRights"));
    for (const writing of this.writings.values()) writing.stop(say("stillThere", { title: writing.title }));
  }

  // The plain form of the section one writes in, with all that was typed here and is not saved.
  async toPlainForm() {
    const section = this.sections.find(this.current) ?? this.root.querySelector("[data-live-section]");
    const address = `${this.root.dataset.page}/${section.dataset.liveSection}/edit?plain=1`;
    // The form opens also where this device refuses to forget what went over to it.
    await handOver(this.session, this.root).finally(() => location.assign(address));
  }

  frozen({ number, label, by }) {
    this.tell("frozen", "info", say("frozenBy", { number, label, name: by }));
  }

  // What was decided about a text of one's own is said where it can still be read once the question is gone.
  settled({ key, title }, decision) {
    this.kept.update();
    const writing = this.writings.get(key);
    if (decision === "put") writing?.showCursors();
    this.sections.changed([key]);
    if (decision === "put") this.tell("settled", "success", say("isPutIn", { title }));
    else this.tell("settled", "success", say("isKeptAside", { title }), [say("keptLook"), () => this.kept.open()]);
  }

  // A message by its name, in the bar, which is always in sight, else above the text; no kind takes it away. Beside what
  // can be done about it (`label`, `onPress`) it can be put away, unless something is to be done (a warning).
  tell(name, kind, text, [label, onPress] = []) {
    document.querySelector(`[data-live-note="${CSS.escape(name)}"]`)?.remove();
    if (!kind) return;
    const note = element("div", { "data-live-note": name, lang: document.documentElement.lang }, notice(kind, element("p", {}, text)));
    const button = (words, style, onClick) => {
      const made = element("button", { type: "button", class: `button button-${style} button-small` }, words);
      made.addEventListener("click", onClick);
      return made;
    };
    const away = () => {
      const hadFocus = note.contains(document.activeElement);
      note.remove();
      if (hadFocus) this.backTo(this.current);
    };
    const tools = element("p", { class: "live-note-tools" });
    if (label) tools.append(button(label, "secondary", onPress));
    if (!label || kind !== "warning") tools.append(button(say("understood"), label ? "plain" : "secondary", away));
    note.querySelector(".notice-body").append(tools);
    (this.bar.hidden ? this.messages : this.notes).append(note);
    announce(text);
  }
}
