// The live preview: the text looks as it will read, and its markers are shown only where the cursor is.
import { syntaxTree } from "@codemirror/language";
import { Facet, RangeSet, StateEffect } from "@codemirror/state";
import { Decoration, EditorView, ViewPlugin } from "@codemirror/view";
import { collect } from "./shapes.js";

// Says that the references lead elsewhere now.
export const renewed = StateEffect.define();

const references = Facet.define({ combine: (given) => given[0] ?? (() => []) });
const HIDDEN = Decoration.mark({ class: "cm-hidden" });

// What shows a marker again: an end of the selection at it. All of a long selection would make the text jump.
const isAt = ([from, to], places) => places.some((place) => place >= from && place <= to);

class Preview {
  constructor(view) {
    this.isDragging = false;
    this.onDown = (event) => (this.isDragging = event.button === 0);
    // What the mouse selects must not move under it.
    this.onUp = () => {
      if (this.isDragging) setTimeout(() => view.dispatch({}));
      this.isDragging = false;
    };
    view.contentDOM.addEventListener("mousedown", this.onDown);
    view.win.addEventListener("mouseup", this.onUp);
    this.view = view;
    this.read(view);
  }

  update(update) {
    const isParsed = syntaxTree(update.startState) !== syntaxTree(update.state);
    const isRenewed = update.transactions.some((transaction) => transaction.effects.some((effect) => effect.is(renewed)));
    if (update.docChanged || isParsed || isRenewed) this.read(update.view);
    else if (!this.isDragging) this.reveal(update.view);
  }

  read(view) {
    const { lines, marks, outer, markers } = collect(view.state, view.state.facet(references));
    this.markers = markers;
    this.shown = Decoration.set([...lines, ...marks], true);
    this.outer = Decoration.set(outer, true);
    this.signature = null;
    this.reveal(view);
  }

  reveal(view) {
    const { anchor, head } = view.state.selection.main;
    const places = view.hasFocus ? [anchor, head] : [];
    const folded = this.markers.filter(({ at }) => !at || !isAt(at, places));
    const signature = `${folded.length}:${this.markers.filter(({ at }) => at && isAt(at, places)).map(({ from }) => from)}`;
    if (signature === this.signature) return;
    this.signature = signature;
    const kind = (wanted) => Decoration.set(folded.filter(wanted).map(({ from, to, as = HIDDEN }) => as.range(from, to)), true);
    this.folded = kind(({ isOuter }) => !isOuter);
    this.foldedOuter = kind(({ isOuter }) => isOuter);
    this.atomic = kind(({ as }) => !as);
  }

  destroy() {
    this.view.contentDOM.removeEventListener("mousedown", this.onDown);
    this.view.win.removeEventListener("mouseup", this.onUp);
  }
}

const plugin = ViewPlugin.fromClass(Preview);
const of = (name) => (view) => view.plugin(plugin)?.[name] ?? Decoration.none;

// The stretches of the text that are hidden now, and that a cursor steps over.
export const hiddenIn = (view) => view.plugin(plugin)?.atomic ?? RangeSet.empty;

// `given` returns [{target, label}], what cross-references may lead to.
export const preview = (given) => [
  references.of(given),
  plugin,
  EditorView.decorations.of(of("folded")),
  EditorView.decorations.of(of("shown")),
  EditorView.outerDecorations.of(of("outer")),
  EditorView.outerDecorations.of(of("foldedOuter")),
  EditorView.atomicRanges.of(hiddenIn),
];
