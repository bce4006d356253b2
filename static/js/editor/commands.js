// What the tools and shortcuts do to the text: each command takes the view, and answers whether it did something.
import { syntaxTree } from "@codemirror/language";
import { EditorSelection } from "@codemirror/state";
import { startCompletion } from "@codemirror/autocomplete";
import { isCode } from "./grammar.js";
import { asOneStep } from "./undo.js";

const ITEM = /^(\s*)(?:([-+*])|(\d{1,9})[.)])(?:[ \t]+|$)/;
const QUOTE = /^ {0,3}>[ \t]?/;
const HEADING = /^ {0,3}#{1,6}(?:[ \t]+|$)/;
const PREFIXES = { list: ITEM, numbered: ITEM, quote: QUOTE, heading: HEADING };

// Writes `spec` as one step of undo, as if it had been typed.
export function write(view, spec) {
  if (view.state.readOnly) return false;
  asOneStep(view, () => view.dispatch({ scrollIntoView: true, userEvent: "input", ...spec }));
  return true;
}

// The innermost node called `name` (or one of several) around the selection, or null.
export function enclosing(state, ...names) {
  const { from, to } = state.selection.main;
  for (const side of [-1, 1]) {
    for (let node = syntaxTree(state).resolveInner(from, side); node; node = node.parent) {
      if (names.includes(node.name) && node.from <= from && node.to >= to) return node;
    }
  }
  return null;
}

export function isInCode(state, place = state.selection.main.head) {
  for (let node = syntaxTree(state).resolveInner(place, -1); node; node = node.parent) if (isCode(node.name)) return true;
  return false;
}

// -- Inline: bold, italic ---------------------------------------------------------------------------------------------

const inlineMarks = { StrongEmphasis: "**", Emphasis: "*" };

export const toggleInline = (name) => (view) => {
  const { state } = view;
  const mark = inlineMarks[name];
  const around = enclosing(state, name);
  if (around) {
    const marks = around.getChildren("EmphasisMark");
    return write(view, { changes: marks.map(({ from, to }) => ({ from, to })), userEvent: "delete" });
  }
  const { main } = state.selection;
  const empty = state.sliceDoc(main.head - mark.length, main.head) === mark && state.sliceDoc(main.head, main.head + mark.length) === mark;
  if (main.empty && empty && !isLonger(state, main.head, mark)) {
    return write(view, { changes: { from: main.head - mark.length, to: main.head + mark.length }, userEvent: "delete" });
  }
  const word = main.empty ? state.wordAt(main.head) : null;
  const stretches = main.empty ? [word ?? main] : stretchesOf(state, main);
  if (!stretches.length) return false;
  const changes = stretches.flatMap(({ from, to }) => [{ from, insert: mark }, { from: to, insert: mark }]);
  const set = state.changes(changes);
  const moved = (place, side) => set.mapPos(place, side);
  const selection = main.empty
    ? EditorSelection.cursor(word ? moved(main.head, main.head === word.to ? -1 : 1) : main.head + mark.length)
    : EditorSelection.range(moved(stretches[0].from, 1), moved(stretches.at(-1).to, -1));
  return write(view, { changes: set, selection });
};

// `**|**` is an empty bold, and not an empty italic within something bold.
const isLonger = (state, place, mark) => mark === "*" && state.sliceDoc(place - 2, place + 2) === "****";

// The text of each selected line without its markers and outer blanks, where marks may stand.
function stretchesOf(state, { from, to }) {
  const stretches = [];
  for (let line = state.doc.lineAt(from); line.from <= to; line = state.doc.line(line.number + 1)) {
    const prefix = /^[ \t]*(?:>[ \t]?|[-+*][ \t]+|\d{1,9}[.)][ \t]+|#{1,6}[ \t]+)*/.exec(line.text)[0].length;
    const start = Math.max(from, line.from + prefix);
    const text = state.sliceDoc(start, Math.max(start, Math.min(to, line.to)));
    if (text.trim()) stretches.push({ from: start + text.length - text.trimStart().length, to: start + text.trimEnd().length });
    if (line.number === state.doc.lines) break;
  }
  return stretches;
}

// -- Lines: heading, lists, quotation ---------------------------------------------------------------------------------

function selectedLines({ doc, selection: { main } }) {
  const lines = [];
  const last = doc.lineAt(main.to).number;
  for (let number = doc.lineAt(main.from).number; number <= last; number += 1) lines.push(doc.line(number));
  // A selection that ends before the first character of a line does not mean that line.
  return lines.length > 1 && lines.at(-1).from === main.to ? lines.slice(0, -1) : lines;
}

const isNumbered = (text) => ITEM.exec(text)?.[3] !== undefined;
const isMarked = { list: (text) => ITEM.test(text) && !isNumbered(text), numbered: isNumbered, quote: (text) => QUOTE.test(text), heading: (text) => HEADING.test(text) };

export const isSet = (state, kind) => {
  const lines = selectedLines(state).filter(({ text }) => text.trim());
  return lines.length > 0 && lines.every(({ text }) => isMarked[kind](text)) && !isInCode(state);
};

export const toggleLines = (kind) => (view) => {
  const { state } = view;
  if (isInCode(state)) return false;
  const lines = selectedLines(state);
  const changes = isSet(state, kind) ? unmarked(lines, kind) : marked(state, lines, kind);
  const set = state.changes(changes);
  // The cursor stays behind what was put in at its place.
  const { anchor, head } = state.selection.main;
  return write(view, { changes: set, selection: { anchor: set.mapPos(anchor, 1), head: set.mapPos(head, 1) } });
};

function unmarked(lines, kind) {
  return lines.flatMap((line, index) => {
    const prefix = PREFIXES[kind].exec(line.text);
    if (!prefix) return [];
    const change = { from: line.from, to: line.from + prefix[0].length };
    // What were items become paragraphs.
    const isFollowing = index > 0 && PREFIXES[kind] === ITEM && lines[index - 1].text.trim();
    return [isFollowing ? { ...change, insert: "\n" } : change];
  });
}

function marked(state, lines, kind) {
  const isList = PREFIXES[kind] === ITEM;
  const changes = [];
  let number = 0;
  for (const [index, line] of lines.entries()) {
    if (!line.text.trim() && lines.length > 1) {
      // Paragraphs become the items of one list, without the lines between them; a quotation goes on.
      if (isList && index > 0) changes.push({ from: line.from - 1, to: line.to });
      if (kind === "quote") changes.push({ from: line.from, insert: ">" });
      continue;
    }
    number += 1;
    const old = kind === "quote" ? null : (ITEM.exec(line.text) ?? HEADING.exec(line.text));
    const indent = isList ? (/^\s*/.exec(line.text)?.[0] ?? "") : "";
    const from = line.from + (old ? indent.length : 0);
    changes.push({ from, to: line.from + (old?.[0].length ?? 0), insert: { list: "- ", numbered: `${number}. `, quote: "> ", heading: "### " }[kind] });
  }
  return [...space(state, lines, kind), ...changes];
}

// A blank line before and after the block, where text would otherwise run into it.
function space({ doc }, lines, kind) {
  const [before, after] = [lines[0].number - 1, lines.at(-1).number + 1];
  const joins = (text) => text.trim() && !PREFIXES[kind].test(text);
  const changes = [];
  if (before >= 1 && joins(doc.line(before).text)) changes.push({ from: lines[0].from, insert: "\n" });
  if (after <= doc.lines && joins(doc.line(after).text)) changes.push({ from: lines.at(-1).to, insert: "\n" });
  return changes;
}

// -- Notes and references ---------------------------------------------------------------------------------------------

const NOTE_CALL = /\[\^([^\]\s]+)\]/g;

// A name made of the word before the cursor: people who write notes at the same time give them different names.
function noteName(state, place, fallback) {
  const line = state.doc.lineAt(place);
  const words = line.text.slice(0, place - line.from).normalize("NFD").replace(/\p{M}/gu, "").match(/[\p{L}\p{N}]+/gu);
  const base = words?.at(-1).toLowerCase().replace(/[^a-z0-9]/g, "").slice(0, 24) || fallback;
  const taken = new Set([...state.doc.toString().matchAll(NOTE_CALL)].map((match) => match[1]));
  let name = base;
  for (let number = 2; taken.has(name); number += 1) name = `${base}-${number}`;
  return name;
}

// Puts in a call and an empty note at the end; from within a note, goes back behind its call.
export const footnote = (fallback) => (view) => {
  const { state } = view;
  const note = enclosing(state, "Note");
  if (note) return goToCall(view, note);
  if (isInCode(state)) return false;
  const place = state.selection.main.to;
  const name = noteName(state, place, fallback);
  const text = state.doc.toString();
  const isAfterNote = /(?:^|\n)\[\^[^\]\s]+\]:[^\n]*\n*$/.test(text);
  const end = text.trimEnd().length < place ? place : text.trimEnd().length;
  const definition = `${isAfterNote ? "\n" : "\n\n"}[^${name}]: `;
  const changes = state.changes([{ from: place, insert: `[^${name}]` }, { from: end, to: state.doc.length, insert: definition }]);
  return write(view, { changes, selection: { anchor: changes.newLength } });
};

function goToCall(view, note) {
  const mark = note.getChild("NoteMark");
  const call = view.state.sliceDoc(mark.from, mark.to - 1);
  const at = view.state.doc.toString().indexOf(call);
  if (at < 0 || at === mark.from) return false;
  view.dispatch({ selection: { anchor: at + call.length }, scrollIntoView: true });
  return true;
}

export function reference(view) {
  if (isInCode(view.state)) return false;
  const { from, to } = view.state.selection.main;
  const isDone = write(view, { changes: { from, to, insert: "[[" }, selection: { anchor: from + 2 }, userEvent: "input.type" });
  return isDone && startCompletion(view);
}
