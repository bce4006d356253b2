// What can be done with the passage that is selected or chosen: in the margin beside it, below it where there is no
// margin, at the foot of a narrow screen.
import { isWide } from "./margin.js";

const MOST = 5_000; // characters of a passage
const GAP = 8; // pixels

export class Tools {
  // `onComment()`, `onExtend(step)` and `onLeave()` are told what is wanted; `onHold(isHeld)` that somebody presses here.
  constructor(reading, template, { onComment, onExtend, onLeave, onHold }) {
    this.reading = reading;
    this.dom = template.content.firstElementChild.cloneNode(true);
    this.dom.hidden = true;
    this.comment = this.dom.querySelector("[data-comment-passage]");
    this.hint = this.dom.querySelector(".passage-hint");
    this.tooLong = this.dom.querySelector(".passage-too-long");
    this.comment.addEventListener("click", onComment);
    for (const button of this.dom.querySelectorAll("[data-passage-extend]")) button.addEventListener("click", () => onExtend(Number(button.dataset.passageExtend)));
    this.dom.querySelector("[data-passage-leave]").addEventListener("click", onLeave);
    // A press here must not take away what is selected.
    this.dom.addEventListener("pointerdown", () => onHold(true));
    this.dom.addEventListener("mousedown", (event) => event.preventDefault());
    for (const type of ["pointerup", "pointercancel"]) window.addEventListener(type, () => setTimeout(() => onHold(false), 500));
    reading.append(this.dom);
  }

  get isShown() {
    return !this.dom.hidden;
  }

  // `rects` are those of the passage on the screen, the first and the last one.
  show(passage, [first, last], { isChoosing, version }) {
    const isTooLong = [...passage.words].length > MOST;
    this.tooLong.hidden = !isTooLong;
    this.comment.hidden = isTooLong;
    this.hint.hidden = !isChoosing;
    for (const part of this.dom.querySelectorAll(".passage-more")) part.hidden = !isChoosing;
    for (const link of this.dom.querySelectorAll("[data-passage-link]")) {
      link.hidden = isTooLong;
      link.dataset.passageLink ||= link.getAttribute("href");
      const { key, start, end } = passage;
      link.href = `${link.dataset.passageLink}?${new URLSearchParams({ version, key, start, end })}`;
    }
    this.dom.hidden = false;
    document.documentElement.classList.add("has-passage-tools");
    const around = this.reading.getBoundingClientRect();
    const text = this.reading.querySelector(".reading-text").getBoundingClientRect();
    const aside = this.reading.querySelector(".reading-margin").getBoundingClientRect();
    const { style } = this.dom;
    const width = this.dom.offsetWidth;
    const left = isWide() ? aside.left : Math.max(text.left, Math.min(last.left, text.right - width));
    style.setProperty("--tools-top", `${Math.round((isWide() ? first.top : last.bottom + GAP) - around.top)}px`);
    style.setProperty("--tools-left", `${Math.round(left - around.left)}px`);
  }

  hide() {
    this.dom.hidden = true;
    document.documentElement.classList.remove("has-passage-tools");
  }
}
