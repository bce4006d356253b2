// What somebody began to write about passages of this text and did not send: kept on this device (keep.js), and shown
// when they come back.
import { element, notice, say } from "../texts.js";
import { forget, keptKey, recall, remember } from "../store.js";
import { excerpt } from "./marks.js";

const MOST = 20;

export class Unsent {
  constructor(name, { place, onGoOn }) {
    this.key = keptKey(`unsent:${name}`);
    this.place = place;
    this.onGoOn = onGoOn;
    this.box = element("div", { class: "unsent" });
    place.append(this.box);
  }

  get all() {
    return (recall(this.key) ?? []).filter(({ keep }) => recall(keptKey(keep)));
  }

  // Somebody types into the form about a passage.
  note(form, { version, key, start, end, words }) {
    const { keep } = form.dataset;
    if (keep) remember(this.key, [...this.all.filter((other) => other.keep !== keep), { keep, version, key, start, end, words: excerpt(words, 80) }].slice(-MOST));
  }

  // It was sent, or is not wanted any more.
  drop(keep) {
    forget(keptKey(keep));
    const left = this.all;
    if (left.length) remember(this.key, left);
    else forget(this.key);
  }

  show() {
    this.box.replaceChildren(
      ...this.all.map((entry) => {
        const button = (words, style, onClick) => {
          const made = element("button", { type: "button", class: `button button-${style} button-small` }, words);
          made.addEventListener("click", onClick);
          return made;
        };
        const goOn = button(say("threadGoOn"), "secondary", () => this.onGoOn(entry, goOn));
        const drop = button(say("threadDrop"), "plain", () => {
          this.drop(entry.keep);
          this.show();
          (this.box.querySelector("button") ?? document.getElementById("main")).focus();
        });
        return notice("info", element("p", {}, say("threadUnsent", { words: entry.words })), element("p", { class: "actions" }, goOn, drop));
      }),
    );
  }
}
