// Cross-references: behind `[[` the sections and measures are offered, with their numbers and titles.
import { autocompletion, closeCompletion, completionKeymap, currentCompletions, pickedCompletion } from "@codemirror/autocomplete";
import { EditorState, Prec } from "@codemirror/state";
import { keymap } from "@codemirror/view";
import { isInCode } from "./commands.js";

const MOST = 50;
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

// Those that hold every word typed, first those that begin with it.
function matching(references, typed) {
  const words = plain(typed).split(/\s+/).filter(Boolean);
  const found = references.filter(({ target, label }) => words.every((word) => plain(`${label} ${target}`).includes(word)));
  const isFirst = ({ label }) => (plain(label).startsWith(plain(typed)) ? 0 : 1);
  return found.map((reference, index) => [isFirst(reference), index, reference]).sort((one, other) => one[0] - other[0] || one[1] - other[1]).map(([, , reference]) => reference);
}

// Writes the reference and its closing brackets, those that stand there already included.
function apply(view, completion, from, to) {
  const closing = /^\]{0,2}/.exec(view.state.sliceDoc(to, to + 2))[0].length;
  const insert = `${completion.label}]]`;
  view.dispatch({
    changes: { from, to: to + closing, insert },
    selection: { anchor: from + insert.length },
    annotations: pickedCompletion.of(completion),
    userEvent: "input.complete",
    scrollIntoView: true,
  });
  closeCompletion(view);
}

const source = (references) => (context) => {
  const opened = context.matchBefore(/\[\[[^[\]\n]*$/);
  if (!opened || isInCode(context.state)) return null;
  const options = matching(references(), opened.text.slice(2)).slice(0, MOST);
  if (!options.length) return null;
  return {
    from: opened.from + 2,
    filter: false,
    options: options.map(({ target, label }) => ({ label: target, displayLabel: label, apply })),
  };
};

// Escape closes the list that is open; where something is only being looked for, it is left to the text.
function close(view) {
  const isOpen = currentCompletions(view.state).length > 0;
  closeCompletion(view);
  return isOpen;
}

const KEYS = [{ key: "Escape", run: close }, ...completionKeymap.filter(({ key }) => key !== "Escape")];

export const completion = (references, label) => [
  EditorState.phrases.of({ Completions: label("references") }),
  autocompletion({
    override: [source(references)],
    icons: false,
    interactionDelay: 0,
    defaultKeymap: false,
    tooltipClass: () => "editor-choices",
  }),
  Prec.highest(keymap.of(KEYS)),
];
