// What the keys do: Enter makes paragraphs, items and rows; Tab is left to the page.
import { standardKeymap } from "@codemirror/commands";
import { deleteMarkupBackward, insertNewlineContinueMarkupCommand } from "@codemirror/lang-markdown";
import { EditorSelection } from "@codemirror/state";
import { enclosing, isInCode, toggleInline, toggleLines, write } from "./commands.js";
import { nextRow } from "./tables.js";
import { redo, undo } from "./undo.js";
import { moveVertically } from "./vertical.js";

const ITEM = /^(\s*)(?:[-+*]|\d{1,9}[.)])[ \t]+/;
const ONLY_MARKER = /^(?:[ \t]*(?:[-+*]|\d{1,9}[.)])|[ \t]*>)[ \t]*$/;

const isBlank = (line) => !line.text.trim();
const lineAbove = ({ doc }, line) => (line.number > 1 ? doc.line(line.number - 1) : null);
const lineBelow = ({ doc }, line) => (line.number < doc.lines ? doc.line(line.number + 1) : null);

function type(view, changes, place) {
  view.dispatch({ changes, selection: EditorSelection.cursor(place), scrollIntoView: true, userEvent: "input" });
  return true;
}

// Enter in an empty item or line of a quotation ends the list or quotation: with a blank line, else what follows would
// still belong to it.
function leaveBlock(view) {
  const { state } = view;
  const { main } = state.selection;
  const line = state.doc.lineAt(main.head);
  if (!main.empty || main.head !== line.to || !ONLY_MARKER.test(line.text) || isInCode(state)) return false;
  const isNested = /^\s/.test(line.text) || !enclosing(state, "ListItem", "Blockquote");
  if (isNested) return false;
  const above = lineAbove(state, line);
  const insert = above && !isBlank(above) ? "\n" : "";
  return type(view, { from: line.from, to: line.to, insert }, line.from + insert.length);
}

// In running text Enter begins a paragraph, which in Markdown takes a blank line; on a line left blank by it there is
// nothing more to do, so that Enter twice means the same.
function newParagraph(view) {
  const { state } = view;
  const { from, to } = state.selection.main;
  if (isInCode(state)) return false;
  const line = state.doc.lineAt(from);
  const above = lineAbove(state, line);
  if (from === to && isBlank(line)) return above === null || isBlank(above) || type(view, { from: line.from, to: line.to, insert: "\n" }, line.from + 1);
  if (from === line.from && from === to) return type(view, { from, insert: "\n" }, from + 1);
  const start = from - /[ \t]*$/.exec(state.sliceDoc(line.from, from))[0].length;
  const end = to + /^[ \t]*/.exec(state.sliceDoc(to, state.doc.lineAt(to).to))[0].length;
  const last = state.doc.lineAt(to);
  const next = lineBelow(state, last);
  // At the end of a paragraph that a blank line follows, the new one takes its own before it.
  const insert = end === last.to && next && !isBlank(next) ? "\n\n\n" : "\n\n";
  return type(view, { from: start, to: end, insert }, start + 2);
}

// A line that breaks within its paragraph.
function breakLine(view) {
  const { from, to } = view.state.selection.main;
  if (isInCode(view.state) || enclosing(view.state, "Table")) return false;
  const line = view.state.doc.lineAt(from);
  const isText = view.state.sliceDoc(line.from, from).trim() !== "";
  return type(view, { from, to, insert: isText ? "\\\n" : "\n" }, from + (isText ? 2 : 1));
}

// Backspace before a paragraph joins it to the one above, over the blank line between them; Delete does the converse.
function join(view, isBackward) {
  const { state } = view;
  const { main } = state.selection;
  const line = state.doc.lineAt(main.head);
  if (!main.empty || main.head !== (isBackward ? line.from : line.to) || isInCode(state)) return false;
  const between = (isBackward ? lineAbove : lineBelow)(state, line);
  const other = between && isBlank(between) ? (isBackward ? lineAbove : lineBelow)(state, between) : null;
  if (!other || isBlank(other) || isBlank(line)) return false;
  const [from, to] = isBackward ? [other.to, line.from] : [line.to, other.from];
  view.dispatch({ changes: { from, to }, selection: EditorSelection.cursor(from), scrollIntoView: true, userEvent: isBackward ? "delete.backward" : "delete.forward" });
  return true;
}

// Four columns nest an item under any marker above it.
const nest = (isDeeper) => (view) => {
  const { state } = view;
  const { main } = state.selection;
  const lines = [];
  for (let line = state.doc.lineAt(main.from); line.from <= main.to; line = state.doc.line(line.number + 1)) {
    if (ITEM.test(line.text)) lines.push(line);
    if (line.number === state.doc.lines) break;
  }
  const above = lines.length ? lineAbove(state, lines[0]) : null;
  if (!lines.length || (isDeeper && !(above && ITEM.test(above.text)))) return true;
  const changes = lines.map((line) =>
    isDeeper ? { from: line.from, insert: "    " } : { from: line.from, to: line.from + /^ {0,4}/.exec(line.text)[0].length },
  );
  return write(view, { changes }) || true;
};

export const SHORTCUTS = {
  bold: "Mod-b",
  italic: "Mod-i",
  link: "Mod-k",
  heading: "Mod-Shift-6",
  numbered: "Mod-Shift-7",
  list: "Mod-Shift-8",
  quote: "Mod-Shift-9",
  undo: "Mod-z",
  redo: "Mod-Shift-z",
};

const continueMarkup = insertNewlineContinueMarkupCommand({ nonTightLists: false });

function enter(view) {
  if (view.state.readOnly) return true;
  if (!view.state.selection.main.empty) view.dispatch(view.state.replaceSelection(""), { userEvent: "delete.selection" });
  return nextRow(view) || leaveBlock(view) || continueMarkup(view) || newParagraph(view);
}

// `openLink`, `toTools`, `leave`: what the view does for Mod-k, Alt-F10 and Escape.
export const keys = ({ openLink, toTools, leave }) => [
  { key: "Enter", run: enter, shift: breakLine },
  { key: "ArrowDown", run: moveVertically(true), shift: moveVertically(true, true), preventDefault: true },
  { key: "ArrowUp", run: moveVertically(false), shift: moveVertically(false, true), preventDefault: true },
  { key: "Backspace", run: (view) => deleteMarkupBackward(view) || join(view, true) },
  { key: "Delete", run: (view) => join(view, false) },
  { key: SHORTCUTS.bold, run: toggleInline("StrongEmphasis"), preventDefault: true },
  { key: SHORTCUTS.italic, run: toggleInline("Emphasis"), preventDefault: true },
  { key: SHORTCUTS.link, run: openLink, preventDefault: true },
  ...["heading", "numbered", "list", "quote"].map((kind) => ({ key: SHORTCUTS[kind], run: toggleLines(kind), preventDefault: true })),
  { key: "Mod-[", run: nest(false), preventDefault: true },
  { key: "Mod-]", run: nest(true), preventDefault: true },
  { key: SHORTCUTS.undo, run: undo, preventDefault: true },
  { key: SHORTCUTS.redo, run: redo, preventDefault: true },
  { key: "Mod-y", run: redo, preventDefault: true },
  { key: "Alt-F10", run: toTools, preventDefault: true },
  { key: "Escape", run: leave },
  ...standardKeymap,
];
