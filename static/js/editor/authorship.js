// Who wrote what, shown on demand: each stretch in the colour of its author, with the name before it where one wants it.
import { StateEffect, StateField } from "@codemirror/state";
import { Decoration, EditorView, WidgetType } from "@codemirror/view";

const COLOURS = 12;

const setRuns = StateEffect.define();

const shapeOf = (name, colour) => Decoration.mark({ class: `cm-author person-${colour}`, attributes: { title: name } });

class Name extends WidgetType {
  constructor(words, colour) {
    super();
    Object.assign(this, { words, colour });
  }

  eq(other) {
    return other.words === this.words && other.colour === this.colour;
  }

  toDOM() {
    const made = document.createElement("span");
    made.className = `cm-author-name person-${this.colour}`;
    made.textContent = this.words;
    return made;
  }

  ignoreEvent() {
    return false; // a touch on it is one on the text behind it
  }
}

// A name between the cells of a table would be a cell.
const isInRow = (doc, place) => /^\s*\|/.test(doc.lineAt(place).text);

function decorated({ runs, hasNames }, doc) {
  const ranges = [];
  let from = 0;
  let before;
  for (const { person, name = "", words = "", colour, length } of runs) {
    const to = Math.min(from + length, doc.length);
    const isWritten = from < to && /\S/.test(doc.sliceString(from, to));
    if (Number.isInteger(colour) && from < to) {
      const shown = colour % COLOURS;
      if (hasNames && isWritten && person !== before && !isInRow(doc, from)) ranges.push(Decoration.widget({ widget: new Name(words, shown), side: -1 }).range(from));
      ranges.push(shapeOf(name, shown).range(from, to));
    }
    if (isWritten) before = person;
    from = to;
  }
  return Decoration.set(ranges);
}

export const authorship = StateField.define({
  create: () => Decoration.none,
  update(shown, transaction) {
    for (const effect of transaction.effects) {
      if (effect.is(setRuns)) return effect.value.runs ? decorated(effect.value, transaction.newDoc) : Decoration.none;
    }
    return shown.map(transaction.changes);
  },
  provide: (field) => EditorView.decorations.from(field),
});

// `runs` is [{person, name, words, colour (0–11), length}] from the start of the text, or null to show none; where
// `hasNames`, `words` stand before what somebody wrote.
export const showAuthors = (view, runs, hasNames) => view.dispatch({ effects: setRuns.of({ runs, hasNames }) });
