// French typography as one types: no-break spaces and the apostrophe. Each is a step of its own for undo, and Backspace
// right behind it takes it back.
import { Annotation, StateField } from "@codemirror/state";
import { EditorView, keymap } from "@codemirror/view";
import { syntaxTree } from "@codemirror/language";
import { isCode } from "./grammar.js";
import { asOneStep, undo } from "./undo.js";

const NARROW = "\u202f";
const WIDE = "\u00a0";
const APOSTROPHE = "\u2019";

const typeset = Annotation.define();
const PLAIN = new Set(["Link", "LinkReference", "URL", "Autolink", "CrossReference", "HTMLTag", "NoteCall", "NoteMark"]);

// Whether typography is none of our business at the place: code, addresses and names.
function isTechnical(state, place) {
  for (let node = syntaxTree(state).resolveInner(place, -1); node; node = node.parent) {
    if (isCode(node.name) || PLAIN.has(node.name)) return true;
  }
  // What only becomes an address or a reference once it is finished.
  const line = state.doc.lineAt(place);
  const before = line.text.slice(0, place - line.from);
  return /(?:\]\([^)]*|\[\[[^\]]*|`[^`]*|\{#[^}]*|(?:https?:\/\/|www\.)\S*)$/.test(before);
}

// Before a mark: a space that would be the first thing of a line, item or cell is none of the text.
const isInText = (before) => /[^\s|>]/.test(before) && !/^\s*(?:[-+*]|\d{1,9}[.)]|#{1,6}|>)\s*$/.test(before);

// What becomes of the text before the cursor at `place`, as changes; null where it is fine.
function correction(state, place) {
  const line = state.doc.lineAt(place);
  const before = line.text.slice(0, place - line.from);
  const mark = before.at(-1);
  const rest = before.slice(0, -1);
  const at = place - 1;
  if (mark === "'" && /\p{L}$/u.test(rest)) return { from: at, to: place, insert: APOSTROPHE };
  if (mark === "«") return { from: place, to: place, insert: NARROW };
  // The space that habit types behind one that is there already.
  if (mark === " " && rest.endsWith(`«${NARROW}`)) return { from: at, to: place, insert: "" };
  if (!/[;!?»:]/.test(mark) || !isInText(rest)) return null;
  const wanted = mark === ":" ? WIDE : NARROW;
  if (rest.endsWith(" ") && !/[ |]$/.test(rest.slice(0, -1))) return { from: at - 1, to: at, insert: wanted };
  if (mark === "»" && /[^\s«]$/.test(rest)) return { from: at, to: at, insert: NARROW };
  return null;
}

// Where the last correction ended, as long as nothing else happened since: there Backspace takes it back.
const corrected = StateField.define({
  create: () => null,
  update(place, transaction) {
    if (transaction.annotation(typeset)) return transaction.newSelection.main.head;
    return transaction.docChanged || transaction.selection ? null : place;
  },
});

function correct(view) {
  const { state } = view;
  const { main } = state.selection;
  if (!main.empty || state.readOnly || isTechnical(state, main.head)) return;
  const change = correction(state, main.head);
  if (!change) return;
  const changes = state.changes(change);
  asOneStep(view, () =>
    view.dispatch({ changes, selection: { anchor: changes.mapPos(main.head, 1) }, annotations: typeset.of(true), userEvent: "input.typography" }),
  );
}

// Words that are being composed (by an input method, or a phone's keyboard) are left alone until they stand.
const watch = [
  EditorView.updateListener.of(({ view, transactions }) => {
    if (!view.composing && transactions.some((transaction) => transaction.isUserEvent("input.type"))) correct(view);
  }),
  EditorView.domEventHandlers({ compositionend: (_, view) => void setTimeout(() => view.dom.isConnected && correct(view)) }),
];

const takeBack = (view) => view.state.field(corrected) === view.state.selection.main.head && view.state.selection.main.empty && undo(view);

export const isFrench = (language) => /^fr(?:[-_]|$)/i.test(language);

// Stands before the other keys.
export const typography = (language) => (isFrench(language) ? [corrected, watch, keymap.of([{ key: "Backspace", run: takeBack }])] : []);
