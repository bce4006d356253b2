// What the syntax tree of a text looks like on the page: classes of lines and stretches, and markers that can be hidden.
import { ensureSyntaxTree, syntaxTree } from "@codemirror/language";
import { Decoration } from "@codemirror/view";
import { isRendered } from "./addresses.js";
import { rowsOf } from "./rows.js";

const SOONEST = 40; // milliseconds spent on the tree before what there is of it is shown
const MARKS = new Map(
  Object.entries({
    StrongEmphasis: "cm-strong",
    Emphasis: "cm-emphasis",
    Strikethrough: "cm-struck",
    InlineCode: "cm-code",
    Image: "cm-image",
    LinkReference: "cm-soft",
    CodeInfo: "cm-soft",
    URL: "cm-soft",
  }).map(([name, value]) => [name, Decoration.mark({ class: value })]),
);
const SOFT = Decoration.mark({ class: "cm-soft" });
const LINK = Decoration.mark({ class: "cm-link" });
const CELL = Decoration.mark({ class: "cm-cell" });
const NUMBER = Decoration.mark({ class: "cm-item-number" });
const BULLET = Decoration.mark({ class: "cm-item-mark" });
const DOT = Decoration.mark({ class: "cm-item-mark cm-item-dot" });
const GHOST = Decoration.mark({ class: "cm-ghost" });
const RULING = Decoration.line({ class: "cm-table-ruling" });

// {lines, marks, outer}: what always holds. markers: [{from, to, at, as, isOuter}], what is hidden (or shown `as`
// something else) unless the cursor is in the stretch `at`; where there is no `at`, always.
export function collect(state, references) {
  const shapes = new Shapes(state, references);
  const tree = ensureSyntaxTree(state, state.doc.length, SOONEST) ?? syntaxTree(state);
  tree.iterate({ enter: (node) => shapes.enter(node) });
  shapes.finish();
  return shapes;
}

class Shapes {
  constructor(state, references) {
    this.doc = state.doc;
    this.references = references;
    this.classes = new Map(); // start of line → classes and heading level
    this.marks = [];
    this.outer = [];
    this.markers = [];
    this.notes = { calls: [], defined: new Set() };
  }

  enter(node) {
    const { name } = node;
    const mark = MARKS.get(name);
    if (mark && node.from < node.to) this.marks.push(mark.range(node.from, node.to));
    return this[name]?.(node) ?? this.other(name, node);
  }

  other(name, node) {
    const heading = /^(ATX|Setext)Heading(\d)$/.exec(name);
    if (heading) this.heading(node, +heading[2], heading[1] === "ATX");
    if (/^(?:Emphasis|Strikethrough|Code)Mark$/.test(name)) this.hide(node.from, node.to, node.node.parent);
    return undefined;
  }

  // The classes of the lines from `from` to `to`; `first` for the first of them alone.
  style(from, to, names, first = "") {
    for (let line = this.doc.lineAt(from), isFirst = true; ; line = this.doc.line(line.number + 1), isFirst = false) {
      const known = this.classes.get(line.from) ?? { names: new Set() };
      for (const one of `${names} ${isFirst ? first : ""}`.split(" ")) if (one) known.names.add(one);
      this.classes.set(line.from, known);
      if (line.to >= to || line.number === this.doc.lines) return;
    }
  }

  hide(from, to, at, as) {
    if (from < to) this.markers.push({ from, to, at: at && [at.from, at.to], as, isOuter: false });
  }

  heading(node, level, isOneLine) {
    const line = this.doc.lineAt(node.from);
    this.style(node.from, isOneLine ? node.to : line.to, `cm-heading cm-heading-${level}`);
    this.classes.get(line.from).level = level;
    const marks = node.node.getChildren("HeaderMark");
    if (!isOneLine) return marks.forEach((mark) => this.marks.push(SOFT.range(mark.from, mark.to)));
    const title = line.text.slice(marks[0].to - line.from).trim();
    if (!title || marks.length > 1) return;
    const space = /^[ \t]*/.exec(this.doc.sliceString(marks[0].to, line.to))[0].length;
    this.hide(line.from, marks[0].to + space, line);
    const slug = /[ \t]*\{#[^{}]*\}[ \t]*$/.exec(line.text);
    if (slug && slug[0].length < title.length) this.hide(line.from + slug.index, line.to, line);
  }

  Blockquote(node) {
    this.style(node.from, node.to, "cm-quote");
  }

  QuoteMark(node) {
    const line = this.doc.lineAt(node.from);
    const to = node.to + (line.text[node.to - line.from] === " " ? 1 : 0);
    this.hide(node.from, to, line, to === line.to ? GHOST : undefined);
  }

  ListItem(node) {
    let depth = 0;
    for (let parent = node.node; parent; parent = parent.parent) depth += parent.name === "ListItem" ? 1 : 0;
    const { from } = this.doc.lineAt(node.from);
    this.style(node.from, node.to, "cm-item", "cm-item-first");
    for (let line = this.doc.lineAt(node.from); line.from < node.to; line = this.doc.line(line.number + 1)) {
      const known = this.classes.get(line.from);
      known.depth = Math.max(known.depth ?? 0, depth);
      if (line.from > from) this.hide(line.from, line.from + /^ */.exec(line.text)[0].length * (line.text.trim() ? 1 : 0));
      if (line.number === this.doc.lines) return;
    }
  }

  ListMark(node) {
    const line = this.doc.lineAt(node.from);
    const isNumber = node.node.parent?.parent?.name === "OrderedList";
    const to = node.to + /^[ \t]{0,4}/.exec(line.text.slice(node.to - line.from))[0].length;
    const at = { from: node.from, to };
    if (isNumber) this.marks.push(NUMBER.range(node.from, to));
    else {
      this.marks.push(BULLET.range(node.from, to));
      this.hide(node.from, to, { from: at.from, to: to - 1 }, DOT);
    }
    if (/^\s+$/.test(line.text.slice(0, node.from - line.from))) this.hide(line.from, node.from);
  }

  Link(node) {
    const link = node.node;
    const address = link.getChild("URL");
    const marks = link.getChildren("LinkMark");
    const label = link.getChild("LinkLabel");
    if (marks.length < 2 || !(address ? isRendered(this.text(address)) : label) || marks[0].to === marks[1].from) return;
    this.marks.push(LINK.range(marks[0].to, marks[1].from));
    this.hide(marks[0].from, marks[0].to, node);
    this.hide(marks[1].from, node.to, node);
  }

  Autolink(node) {
    const address = node.node.getChild("URL");
    if (!address) return;
    this.marks.push(LINK.range(address.from, address.to));
    this.hide(node.from, address.from, node);
    this.hide(address.to, node.to, node);
  }

  Escape(node) {
    this.hide(node.from, node.from + 1, node);
  }

  CrossReference(node) {
    const target = this.text(node).slice(2, -2).split("#").map((part) => part.trim()).join("#");
    this.labels ??= new Map(this.references().map((reference) => [reference.target, reference.label]));
    const known = this.labels.get(target);
    this.marks.push(Decoration.mark({ class: known ? "cm-reference" : "cm-reference cm-broken" }).range(node.from, node.to));
    if (!known) return;
    this.hide(node.from, node.to, node);
    this.label(node, "cm-reference-label", known);
  }

  // Words shown in the place of what is hidden.
  label({ from, to }, name, words) {
    const as = Decoration.mark({ class: name, attributes: { "data-label": words } });
    this.markers.push({ from, to, at: [from, to], as, isOuter: true });
  }

  NoteCall(node) {
    this.notes.calls.push({ from: node.from, to: node.to, name: this.text(node).slice(2, -1) });
  }

  Note(node) {
    this.style(node.from, node.to, "cm-note");
    for (let line = this.doc.lineAt(node.from); line.to < node.to; ) {
      line = this.doc.line(line.number + 1);
      this.hide(line.from, line.from + /^ {0,4}/.exec(line.text)[0].length * (line.text.trim() ? 1 : 0));
    }
  }

  NoteMark(node) {
    this.notes.defined.add(this.text(node).slice(2, -2));
    this.notes.calls.push({ from: node.from, to: node.to, name: this.text(node).slice(2, -2), isDefinition: true });
  }

  FencedCode(node) {
    this.style(node.from, node.to, "cm-code-block");
    return false;
  }

  CodeBlock(node) {
    this.style(node.from, node.to, "cm-code-block");
    return false;
  }

  HorizontalRule(node) {
    this.style(node.from, node.to, "cm-ruled");
    const line = this.doc.lineAt(node.from);
    this.hide(node.from, node.to, line, GHOST);
    this.markers.push({ from: line.from, to: line.from, at: [line.from, line.to], as: Decoration.line({ class: "cm-rule" }), isOuter: false });
  }

  Table(node) {
    for (const { line, cells, pipes, isRuling, isHead } of rowsOf(this.doc, node.node)) {
      this.style(line.from, line.to, `cm-row${isHead ? " cm-row-head" : ""}${isRuling ? " cm-row-ruling" : ""}`);
      if (isRuling) {
        this.markers.push({ from: line.from, to: line.from, at: [line.from, line.to], as: RULING, isOuter: false });
        // CodeMirror takes the measure of its text from a short bare line, which one of 1 px must not be.
        this.marks.push(SOFT.range(line.from, line.to));
        continue;
      }
      for (const cell of cells) this.outer.push(CELL.range(cell.from, cell.to));
      for (const pipe of pipes) {
        this.marks.push(SOFT.range(pipe, pipe + 1));
        const before = /[ \t]*$/.exec(this.doc.sliceString(line.from, pipe))[0].length;
        const after = /^[ \t]*/.exec(this.doc.sliceString(pipe + 1, line.to))[0].length;
        this.hide(pipe - before, pipe + 1 + after, line);
      }
    }
  }

  text({ from, to }) {
    return this.doc.sliceString(from, to);
  }

  // Notes are numbered as on the page, in the order of their calls.
  number() {
    const numbers = new Map();
    for (const { name, isDefinition } of this.notes.calls) {
      if (!isDefinition && this.notes.defined.has(name) && !numbers.has(name)) numbers.set(name, numbers.size + 1);
    }
    for (const { from, to, name, isDefinition } of this.notes.calls) {
      const number = numbers.get(name);
      const shape = isDefinition ? "cm-note-mark" : number ? "cm-note-call" : "cm-note-call cm-broken";
      this.marks.push(Decoration.mark({ class: shape }).range(from, to));
      if (!number) continue;
      this.hide(from, to, { from, to });
      this.label({ from, to }, isDefinition ? "cm-note-mark-label" : "cm-note-call-label", `${number}${isDefinition ? "." : ""}`);
    }
  }

  // A blank line between paragraphs is as high as the space between them on the page.
  gaps() {
    for (let number = 2; number < this.doc.lines; number += 1) {
      const line = this.doc.line(number);
      const before = line.text.trim() ? null : this.doc.line(number - 1);
      if (!before?.text.trim() || this.classes.get(line.from)?.names.has("cm-code-block")) continue;
      const above = this.classes.get(before.from)?.names;
      const below = this.classes.get(line.to + 1)?.names;
      const isInList = above?.has("cm-item") && below?.has("cm-item");
      this.style(line.from, line.from, `cm-between${above?.has("cm-heading") ? " cm-between-heading" : isInList ? " cm-between-item" : ""}`);
    }
  }

  finish() {
    this.number();
    this.gaps();
    this.lines = [...this.classes].map(([from, { names, level, depth }]) => {
      if (depth) names.add(`cm-item-${Math.min(depth, 6)}`);
      const attributes = level ? { role: "heading", "aria-level": String(level) } : {};
      return Decoration.line({ attributes: { ...attributes, class: [...names].join(" ") } }).range(from);
    });
  }
}
