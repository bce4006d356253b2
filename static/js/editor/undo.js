// Undo and redo of what one typed oneself, with the cursor back where it was.
import { EditorSelection, Facet } from "@codemirror/state";
import { EditorView, ViewPlugin } from "@codemirror/view";
import * as Y from "yjs";
import { ySyncAnnotation, ySyncFacet } from "y-codemirror.next";

const manager = Facet.define({ combine: (given) => given[0] });

class Places {
  constructor(view) {
    this.view = view;
    this.manager = view.state.facet(manager);
    this.sync = view.state.facet(ySyncFacet);
    this.manager.addTrackedOrigin(this.sync);
    this.added = ({ stackItem, changedParentTypes }) => {
      if (changedParentTypes.has(this.sync.ytext) && !stackItem.meta.has(this)) stackItem.meta.set(this, this.before);
    };
    this.popped = ({ stackItem }) => this.restore(stackItem.meta.get(this));
    this.manager.on("stack-item-added", this.added);
    this.manager.on("stack-item-popped", this.popped);
    this.remember(view.state);
  }

  // Told of before ySync: the shared text is still as it was at the start.
  update(update) {
    const isRemote = update.transactions.some((transaction) => transaction.annotation(ySyncAnnotation));
    if (update.docChanged && !isRemote) this.remember(update.startState);
  }

  remember({ selection: { main } }) {
    const { ytext } = this.sync;
    this.before = [main.anchor, main.head].map((place) => Y.createRelativePositionFromTypeIndex(ytext, Math.min(place, ytext.length)));
  }

  restore(before) {
    const places = (before ?? []).map((place) => Y.createAbsolutePositionFromRelativePosition(place, this.sync.ytext.doc));
    if (places.length !== 2 || places.some((place) => place?.type !== this.sync.ytext)) return;
    const length = this.view.state.doc.length;
    const [anchor, head] = places.map(({ index }) => Math.min(index, length));
    this.view.dispatch({ selection: EditorSelection.single(anchor, head), effects: EditorView.scrollIntoView(head) });
  }

  destroy() {
    this.manager.off("stack-item-added", this.added);
    this.manager.off("stack-item-popped", this.popped);
    this.manager.removeTrackedOrigin(this.sync);
  }
}

const places = ViewPlugin.fromClass(Places);

const run = (verb) => (view) => {
  if (view.state.readOnly) return true;
  view.plugin(places).remember(view.state);
  view.state.facet(manager)[verb]();
  return true;
};

export const undo = run("undo");
export const redo = run("redo");

export const canUndo = (state) => !state.readOnly && state.facet(manager).canUndo();
export const canRedo = (state) => !state.readOnly && state.facet(manager).canRedo();

// Runs `change`, and makes all that it writes one step of its own for undo.
export function asOneStep(view, change) {
  const undoManager = view.state.facet(manager);
  undoManager.stopCapturing();
  const result = change();
  undoManager.stopCapturing();
  return result;
}

const INPUT = { historyUndo: undo, historyRedo: redo };

// Stands before ySync, so that a change is told of after its place was noted.
export const undoing = (undoManager) => [
  manager.of(undoManager),
  places,
  EditorView.domEventHandlers({ beforeinput: (event, view) => INPUT[event.inputType]?.(view) ?? false }),
];
