// The editor of one section: CodeMirror on a shared text that is the Markdown itself, with its tools.
import { Compartment, EditorState } from "@codemirror/state";
import { EditorView, keymap, placeholder } from "@codemirror/view";
import { indentUnit } from "@codemirror/language";
import * as Y from "yjs";
import { YSyncConfig, ySync, ySyncFacet } from "y-codemirror.next";
import { element } from "../texts.js";
import { authorship, showAuthors } from "./authorship.js";
import { drawn, showCarets } from "./carets.js";
import { clean } from "./clean.js";
import { completion } from "./complete.js";
import { language as markdown } from "./grammar.js";
import { followKeyboard, inSight } from "./in-sight.js";
import { keys } from "./keys.js";
import { labeller } from "./labels.js";
import { limited } from "./limit.js";
import { LinkForm } from "./link-form.js";
import { showMarks, threadMarks, threadsAt } from "./marks.js";
import { pasting } from "./paste.js";
import { preview, renewed } from "./preview.js";
import { Toolbar } from "./toolbar.js";
import { tableTools, textTools } from "./tools.js";
import { inTable } from "./tables.js";
import { typography } from "./typing.js";
import { undoing } from "./undo.js";

let count = 0;

// Opens an editor of `text` (a Y.Text) at the end of `parent`. `language` is that of the text; `labels` are those of
// labels.js, translated. `references()` returns [{target, label}], with targets as `[[…]]` holds them.
// `onSelection(anchor, head)` is told of places in the text (UTF-16 units) when the person moves or types;
// `onEscape()` is called when Escape leaves the text, which otherwise leads to the tools. `most()` is how many characters
// the text may have, `onFull()` is called when something is not put in for that.
export function openEditor(options) {
  return new Editor(options);
}

class Editor {
  constructor({ parent, text, undoManager, language, labels, isReadOnly = false, references = () => [], onSelection, onEscape, most = () => Infinity, onFull = () => {} }) {
    count += 1;
    this.label = labeller(labels);
    this.onEscape = onEscape;
    this.onSelection = onSelection;
    this.writing = new Compartment();
    this.ownUndo = undoManager ? null : new Y.UndoManager(text);
    const id = `editor-${count}`;
    this.view = new EditorView({
      state: EditorState.create({
        doc: text.toString(),
        extensions: [
          nonced(),
          this.writing.of(writable(!isReadOnly)),
          ...this.behaviour({ text, undoManager: undoManager ?? this.ownUndo, language, references }),
          limited(most, onFull),
          this.attributes({ id, language }),
        ],
      }),
    });
    keepWhole(this.view);
    const help = element("p", { id: `${id}-help`, class: "visually-hidden" }, this.label("help"));
    this.form = new LinkForm(this.view, this.label);
    const leave = () => this.view.focus();
    this.tools = new Toolbar({ view: this.view, tools: textTools(this.label, () => this.form.open(), references), label: this.label, name: "tools", leave });
    this.tableTools = new Toolbar({ view: this.view, tools: tableTools(), label: this.label, name: "table_tools", leave });
    this.bar = element("div", { class: "editor-bar" }, this.tools.dom, this.tableTools.dom, this.form.dom);
    this.dom = element("div", { class: "editor" }, this.bar, this.view.dom, help);
    parent.append(this.dom);
    this.stopFollowing = followKeyboard(this.bar);
    this.show();
    this.view.requestMeasure();
  }

  behaviour({ text, undoManager, language, references }) {
    return [
      undoing(undoManager),
      ySyncFacet.of(new YSyncConfig(text, null)),
      ySync,
      clean,
      markdown.extension,
      indentUnit.of("    "),
      EditorView.lineWrapping,
      typography(language),
      completion(references, this.label),
      keymap.of(keys({ openLink: () => this.form.open(), toTools: () => this.tools.focus(), leave: () => this.leave() })),
      pasting,
      preview(references),
      authorship,
      threadMarks,
      drawn,
      placeholder(this.label("placeholder")),
      inSight(() => this.bar),
      EditorView.updateListener.of((update) => this.update(update)),
    ];
  }

  attributes({ id, language }) {
    return EditorView.contentAttributes.of({
      id,
      lang: language,
      "aria-label": this.label("text"),
      "aria-describedby": `${id}-help`,
      spellcheck: "true",
      autocorrect: "on",
      autocapitalize: "sentences",
      tabindex: "0",
    });
  }

  update(update) {
    const isOwn = update.transactions.some((transaction) => transaction.selection || transaction.isUserEvent("input") || transaction.isUserEvent("delete"));
    if (isOwn || update.focusChanged || update.docChanged) this.show();
    if (this.onSelection && update.view.hasFocus && (isOwn || update.focusChanged)) {
      const { anchor, head } = update.state.selection.main;
      this.onSelection(anchor, head);
    }
  }

  // The undo manager learns of a change only after the view did.
  show() {
    this.showing ??= requestAnimationFrame(() => {
      this.showing = undefined;
      const { state } = this.view;
      this.tools.update(state);
      this.tableTools.dom.hidden = state.readOnly || !inTable(state);
      this.tableTools.update(state);
    });
  }

  leave() {
    if (this.onEscape) this.onEscape();
    else this.tools.focus();
    return true;
  }

  focus() {
    this.view.focus();
  }

  // To be called when something else covers the text: whoever types sees where.
  keepInSight() {
    if (this.view.hasFocus) this.view.dispatch({ effects: EditorView.scrollIntoView(this.view.state.selection.main.head) });
  }

  setReadOnly(isReadOnly) {
    if (this.view.state.readOnly === isReadOnly) return;
    if (isReadOnly && this.form.isOpen) this.form.close();
    this.view.dispatch({ effects: this.writing.reconfigure(writable(!isReadOnly)) });
    this.show();
  }

  // [{id, name, colour, anchor, head}], places in the text; those not named are gone.
  setCursors(people) {
    showCarets(this.view, people);
  }

  // As authorship.js takes them.
  setAuthors(runs, hasNames = false) {
    showAuthors(this.view, runs, hasNames);
  }

  // As marks.js takes them.
  setMarks(threads) {
    showMarks(this.view, threads);
  }

  // The threads about where the cursor is, or about what is selected.
  get threads() {
    const { from, to } = this.view.state.selection.main;
    return threadsAt(this.view.state, from, to);
  }

  // To be called when `references()` would answer something else.
  refresh() {
    this.view.dispatch({ effects: renewed.of(null) });
  }

  destroy() {
    cancelAnimationFrame(this.showing);
    this.stopFollowing();
    this.view.destroy();
    this.ownUndo?.destroy();
    this.dom.remove();
  }
}

// Who only watches can still reach the text, and read and copy it.
const writable = (isWritable) => [EditorState.readOnly.of(!isWritable), EditorView.editable.of(isWritable)];

// The page's own nonce lets CodeMirror's styles through its content security policy.
function nonced() {
  const nonce = document.querySelector("script[nonce]")?.nonce;
  return nonce ? EditorView.cspNonce.of(nonce) : [];
}

// Screen readers and the browser's search need the whole text in the page, not what is near the screen. CodeMirror does
// that while printing; there is no public way to ask for it. The test of the editor watches over it.
function keepWhole(view) {
  Object.defineProperty(view.viewState, "printing", { get: () => true, set: () => {} });
  view.measure();
}
