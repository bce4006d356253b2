// Other people's cursors and selections, drawn over the text and not in it: nothing moves, no screen reader reads them.
import { EditorSelection, StateEffect, StateField } from "@codemirror/state";
import { EditorView, layer, RectangleMarker } from "@codemirror/view";
import { hiddenIn } from "./preview.js";

const FRESH = 4_000; // milliseconds that a name stays after its cursor has moved
const COLOURS = 12;

const fading = new WeakMap(); // view → timer that hides the names again

const setCarets = StateEffect.define();

// [{id, name, colour, anchor, head, moved (time)}]
const carets = StateField.define({
  create: () => [],
  update(known, transaction) {
    for (const effect of transaction.effects) if (effect.is(setCarets)) return effect.value;
    if (!transaction.docChanged || !known.length) return known;
    return known.map((caret) => ({ ...caret, anchor: transaction.changes.mapPos(caret.anchor, 1), head: transaction.changes.mapPos(caret.head, 1) }));
  },
});

class Caret extends RectangleMarker {
  constructor(shape, name, isAtEnd, box) {
    super(shape, box.left, box.top, null, box.height);
    Object.assign(this, { name, isAtEnd });
  }

  eq(other) {
    return super.eq(other) && other.name === this.name && other.isAtEnd === this.isAtEnd;
  }

  draw() {
    const drawn = super.draw();
    drawn.append(Object.assign(document.createElement("span"), { className: "cm-person-name" }));
    this.dress(drawn);
    return drawn;
  }

  update(drawn, before) {
    if (!super.update(drawn, before)) return false;
    this.dress(drawn);
    return true;
  }

  dress(drawn) {
    drawn.firstChild.dataset.name = this.name;
    drawn.firstChild.classList.toggle("is-at-end", this.isAtEnd);
  }
}

// A place within something hidden has no box: the nearest one outside it.
function visible(view, place) {
  let found = place;
  hiddenIn(view).between(place, place, (from, to) => {
    if (from < place && place < to) found = to;
  });
  return found;
}

const within = (view, place) => visible(view, Math.max(0, Math.min(place, view.state.doc.length)));

function draw(view) {
  const width = view.contentDOM.clientWidth;
  return view.state.field(carets).flatMap(({ name, colour, head, moved }) => {
    const [box] = RectangleMarker.forRange(view, "", EditorSelection.cursor(within(view, head)));
    if (!box) return [];
    const isFresh = Date.now() - moved < FRESH;
    const shape = `cm-person person-${colour % COLOURS}${isFresh ? " is-fresh" : ""}`;
    return [new Caret(shape, name, box.left > width - 140, box)];
  });
}

function shade(view) {
  return view.state.field(carets).flatMap(({ colour, anchor, head }) => {
    const range = EditorSelection.range(within(view, anchor), within(view, head));
    return range.empty ? [] : RectangleMarker.forRange(view, `cm-person-selection person-${colour % COLOURS}`, range);
  });
}

const isTouched = (update) =>
  update.docChanged || update.geometryChanged || update.selectionSet || update.startState.field(carets) !== update.state.field(carets);

export const drawn = [
  carets,
  layer({ above: true, class: "cm-people", update: isTouched, markers: draw }),
  layer({ above: false, class: "cm-people-selections", update: isTouched, markers: shade }),
];

// Shows these people, and the names of those who moved for a while.
export function showCarets(view, given) {
  const known = new Map(view.state.field(carets).map((caret) => [caret.id, caret]));
  const now = Date.now();
  const next = given.map((caret) => {
    const before = known.get(caret.id);
    const hasMoved = !before || before.head !== caret.head || before.anchor !== caret.anchor;
    return { ...caret, moved: hasMoved ? now : before.moved };
  });
  view.dispatch({ effects: setCarets.of(next) });
  clearTimeout(fading.get(view));
  if (next.length) fading.set(view, setTimeout(() => view.dom.isConnected && view.dispatch({ effects: setCarets.of([...view.state.field(carets)]) }), FRESH + 50));
}
