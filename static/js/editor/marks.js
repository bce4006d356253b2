// What people talk about, marked in the text that is being written. The marks move with the typing; a new one is put only
// where the text says what the server knows it to say.
import { StateEffect, StateField } from "@codemirror/state";
import { Decoration, EditorView } from "@codemirror/view";

const setMarks = StateEffect.define();

const markOf = (thread) => Decoration.mark({ class: `cm-thread${thread.state === "open" ? "" : " is-over"}`, thread });

const units = (text, points) => [...text].slice(0, points).join("").length;

// Where the words of a thread stand: at the place that the server names, else at the one place that has them, else nowhere.
export function standsAt(text, { start, end, words }) {
  if (!words) return null;
  const from = units(text, start);
  const to = from + units(text.slice(from), end - start);
  if (text.slice(from, to) === words) return [from, to];
  const found = text.indexOf(words);
  return found >= 0 && text.indexOf(words, found + 1) < 0 ? [found, found + words.length] : null;
}

function placed(threads, shown, doc) {
  const text = doc.toString();
  const kept = new Map();
  shown.between(0, doc.length, (from, to, { spec }) => void kept.set(spec.thread.id, [from, to]));
  const ranges = [];
  for (const thread of threads) {
    const place = standsAt(text, thread) ?? kept.get(thread.id);
    if (place && place[0] < place[1]) ranges.push(markOf(thread).range(...place));
  }
  return Decoration.set(ranges, true);
}

export const threadMarks = StateField.define({
  create: () => Decoration.none,
  update(shown, transaction) {
    const moved = shown.map(transaction.changes);
    const effect = transaction.effects.find((each) => each.is(setMarks));
    return effect ? placed(effect.value, moved, transaction.newDoc) : moved;
  },
  provide: (field) => EditorView.decorations.from(field),
});

// `threads` are [{id, start, end, kind, state, comments, words}], positions in characters of the Markdown.
export const showMarks = (view, threads) => view.dispatch({ effects: setMarks.of(threads) });

// The threads about what stands at a place in the text, or about what is selected.
export function threadsAt(state, from, to = from) {
  const found = [];
  state.field(threadMarks).between(from, to, (_from, _to, { spec }) => void found.push(spec.thread));
  return found;
}
