// Keeps a text within the length that the server takes: what would go beyond it is not put in, and the writer is told.
import { EditorState } from "@codemirror/state";
import { ySyncAnnotation } from "y-codemirror.next";

const NEAR = 0.95; // of the length, from where one is told how much is left

// Characters as the server counts them: an emoji is one.
const lengthOf = (text) => [...text].length;

const isBeyond = (doc, most) => doc.length > most && lengthOf(doc.toString()) > most;

// How many characters are left, or null while that is no matter.
export function left(text, most) {
  if (text.length < NEAR * most) return null;
  const count = most - lengthOf(text.toString());
  return count <= most - NEAR * most ? Math.max(0, count) : null;
}

// `most()` is how many characters the text may have; `onFull()` is called when something was not put in.
export const limited = (most, onFull) =>
  EditorState.transactionFilter.of((transaction) => {
    if (!transaction.docChanged || transaction.annotation(ySyncAnnotation)) return transaction;
    const { newDoc, startState } = transaction;
    if (newDoc.length <= startState.doc.length || !isBeyond(newDoc, most())) return transaction;
    queueMicrotask(onFull);
    return [];
  });
