// What somebody selects in the text with the mouse, the finger or the keyboard, as a passage of one section.
import { Readable } from "./readable.js";

const QUIET = 250; // milliseconds in which nothing more is selected

export class Selecting {
  // `onSelect(passage, range)` is told of what is selected, `onNothing()` that nothing is.
  constructor(text, { onSelect, onNothing }) {
    Object.assign(this, { text, onSelect, onNothing });
    this.isPressed = false; // a mouse button is down
    this.isHeld = false; // what was selected stays, whatever becomes of the selection
    const press = (isPressed) => (event) => {
      if (event.pointerType === "touch") return;
      this.isPressed = isPressed;
      if (!isPressed) this.later();
    };
    document.addEventListener("pointerdown", press(true));
    for (const type of ["pointerup", "pointercancel"]) document.addEventListener(type, press(false));
    document.addEventListener("selectionchange", () => this.later());
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => !this.isPressed && !this.isHeld && this.look(), QUIET);
  }

  look() {
    const selection = document.getSelection();
    const range = selection.rangeCount && !selection.isCollapsed ? selection.getRangeAt(0) : null;
    const passage = range && this.passageOf(range);
    if (passage) this.onSelect(passage, range);
    else this.onNothing();
  }

  // A passage lies in one section: of a longer selection it is what stands in the first.
  passageOf(range) {
    if (!range.intersectsNode(this.text)) return null;
    const sections = [...this.text.querySelectorAll(".doc-section[data-key]")];
    const section = sections.find((each) => range.intersectsNode(each) && this.within(range, each));
    return section ? this.within(range, section) : null;
  }

  within(range, section) {
    const readable = new Readable(section);
    const isIn = (container) => section.contains(container);
    const start = isIn(range.startContainer) ? readable.positionOf(range.startContainer, range.startOffset) : 0;
    const end = isIn(range.endContainer) ? readable.positionOf(range.endContainer, range.endOffset) : readable.text.length;
    const passage = readable.passage(start, end);
    return passage && { key: section.dataset.key, section, ...passage };
  }
}
