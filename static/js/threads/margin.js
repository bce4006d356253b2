// On wide screens the links to threads are cards in the margin, beside their passages and without overlap.
import { place } from "./placing.js";

export const isWide = () => window.matchMedia("(min-width: 78rem)").matches;

export class Margin {
  constructor(marks) {
    this.marks = marks;
    this.covers = []; // what may stand over the margin
    this.reading = marks.text.closest(".reading");
    this.aside = this.reading.querySelector(".reading-margin");
    this.watch = new ResizeObserver(() => this.later());
    for (const part of [marks.text, this.aside]) this.watch.observe(part);
    document.fonts?.ready.then(() => this.later());
  }

  cover(part) {
    this.covers.push(part);
    this.watch.observe(part);
  }

  later() {
    this.waiting ??= requestAnimationFrame(() => {
      this.waiting = undefined;
      this.arrange();
    });
  }

  arrange() {
    const edge = this.aside.getBoundingClientRect();
    const covers = this.covers.filter((part) => !part.hidden).map((part) => part.getBoundingClientRect());
    // Nothing is half to be seen.
    this.aside.classList.toggle("is-covered", isWide() && covers.some(({ top, bottom }) => top < edge.bottom && bottom > edge.top));
    if (!isWide()) return;
    const { scrollY } = window;
    const style = this.reading.style;
    style.setProperty("--margin-width", `${Math.round(edge.width)}px`);
    const firsts = new Map();
    for (const part of this.marks.text.querySelectorAll("mark.passage-mark")) {
      const { top } = part.getBoundingClientRect();
      for (const id of part.dataset.threads.split(" ")) if (!firsts.has(id)) firsts.set(id, top + scrollY);
    }
    const notes = [...this.marks.text.querySelectorAll(".passage-note")]
      .map((note) => {
        const around = note.offsetParent?.getBoundingClientRect() ?? { top: 0, left: 0 };
        return { note, top: firsts.get(note.dataset.about) ?? 0, height: note.offsetHeight, around };
      })
      .sort((one, other) => one.top - other.top);
    const taken = [edge, ...covers].map(({ top, height }) => ({ top: top + scrollY, height }));
    const tops = place(notes, taken);
    notes.forEach(({ note, around }, index) => {
      note.style.setProperty("--note-top", `${Math.round(tops[index] - around.top - scrollY)}px`);
      note.style.setProperty("--note-left", `${Math.round(edge.left - around.left)}px`);
    });
  }
}
