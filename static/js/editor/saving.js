// Whether what was typed is saved, said plainly: saved, saving, not saved yet and kept on this device, with the reason.
import { announce, element, say } from "../texts.js";

// Milliseconds until a state is shown. “Saved” goes at the first keystroke, and comes back only in a pause, so that nothing
// flickers while one types; a hub that starts again is back in a second.
const CALM = { saving: 0, saved: 600, unsaved: 1_000, offline: 2_000 };
const WORTH_SAYING = 2_000; // of not being saved, before screen readers are told

const STATES = { saved: "stateSaved", saving: "stateSaving", unsaved: "stateUnsaved", offline: "stateOffline" };
const REASONS = {
  offline: "unsavedOffline",
  crowded: "unsavedOffline",
  stalled: "unsavedStalled",
  ended: "unsavedEnded",
  another: "unsavedAnother",
  rights: "unsavedRights",
  unreachable: "unsavedUnreachable",
};
const SIGNING_IN = ["ended", "another"];

export class Saving {
  // `onPlainForm` is called when somebody would rather go on with the plain form.
  constructor(bar, session, { onPlainForm }) {
    this.session = session;
    this.onPlainForm = onPlainForm;
    this.words = bar.querySelector("[data-live-words]");
    this.state = bar.querySelector("[data-live-state]");
    this.why = bar.querySelector("[data-live-why]");
    this.isToldUnsaved = false;
    session.addEventListener("state", () => this.update());
    window.addEventListener("beforeunload", (event) => {
      // What is on its way, or kept on this device, comes by itself when the page is opened again.
      if (this.session.state.kind === "saved" || this.session.isKept) return;
      event.preventDefault();
      event.returnValue = ""; // what browsers before 2024 wait for
    });
    this.words.textContent = say(STATES.saved);
    this.state.dataset.kind = this.shown = "saved";
    this.update();
  }

  kind() {
    const { kind, why } = this.session.state;
    return kind === "saved" && ["offline", "crowded", "unreachable"].includes(why) ? "offline" : kind;
  }

  update() {
    const kind = this.kind();
    if (kind === this.next && kind !== this.shown) return; // its time comes
    clearTimeout(this.calm);
    this.next = kind;
    if (kind === this.shown) return this.show();
    if (kind === "unsaved" && this.shown !== "saving") this.show("saving");
    if (CALM[kind]) this.calm = setTimeout(() => this.show(), CALM[kind]);
    else this.show();
  }

  show(kind = this.kind()) {
    const why = kind === "saving" ? null : this.session.state.why;
    this.shown = kind;
    this.state.dataset.kind = kind;
    this.words.replaceChildren(...this.said(kind));
    this.explain(kind === "offline" && why !== "unreachable" ? null : why);
    clearTimeout(this.telling);
    if (kind === "unsaved" && !this.isToldUnsaved) {
      this.telling = setTimeout(() => {
        this.isToldUnsaved = true;
        announce(`${this.words.textContent}. ${this.why.textContent}`);
      }, WORTH_SAYING);
    } else if (kind === "saved" && this.isToldUnsaved) {
      this.isToldUnsaved = false;
      announce(say("savedAgain"));
    }
  }

  // Where room is scarce, the style sheet leaves out where it is kept.
  said(kind) {
    if (kind !== "unsaved") return [say(STATES[kind])];
    return this.session.isKept ? [say("stateUnsaved"), element("span", { class: "live-where" }, ` – ${say("stateKept")}`)] : [say("stateUnsaved")];
  }

  explain(why) {
    const isKept = this.session.isKept || this.session.state.kind === "saved";
    const told = `${why} ${isKept}`;
    if (this.told === told) return;
    this.told = told;
    const isAsked = why === "refused"; // the question says it all
    const parts = why && !isAsked ? [say(REASONS[why] ?? "unsavedOffline")] : [];
    if (SIGNING_IN.includes(why)) {
      parts.push(" ", element("a", { href: `/sign-in?next=${encodeURIComponent(location.pathname)}`, target: "_blank" }, say("signInElsewhere")));
    }
    if (why === "unreachable") {
      const button = element("button", { type: "button", class: "button button-secondary button-small" }, say("plainForm"));
      button.addEventListener("click", this.onPlainForm);
      parts.push(" ", button);
    }
    if (why && !isKept) parts.push(" ", element("strong", {}, say("notKeptHere")));
    this.why.hidden = !parts.length;
    this.why.replaceChildren(element("p", {}, ...parts));
  }
}
