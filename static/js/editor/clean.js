// What may enter the shared text: no NUL, and no half of a character (Yjs would replace both halves).
import { EditorState, Transaction } from "@codemirror/state";
import { ySyncAnnotation } from "y-codemirror.next";

const isHigh = (code) => code >= 0xd800 && code <= 0xdbff;
const isLow = (code) => code >= 0xdc00 && code <= 0xdfff;
const HALVES = /[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]/g;

// Whether the place in `doc` is inside a character of two units.
function cuts(doc, place) {
  if (place <= 0 || place >= doc.length) return false;
  const around = doc.sliceString(place - 1, place + 1);
  return isHigh(around.charCodeAt(0)) && isLow(around.charCodeAt(1));
}

// The same change with whole characters and clean text; null where it was fine.
function mended(doc, from, to, inserted) {
  const text = inserted.toString();
  const [start, end] = [cuts(doc, from) ? from - 1 : from, cuts(doc, to) ? to + 1 : to];
  const whole = doc.sliceString(start, from) + text + doc.sliceString(to, end);
  const insert = wellFormed(whole);
  return insert === text && start === from && end === to ? null : { from: start, to: end, insert };
}

// Halves that stand alone are dropped, and so are NULs.
export const wellFormed = (text) =>
  text
    .replaceAll("\0", "")
    .replace(/\r\n?/g, "\n")
    .replace(HALVES, (found) => (found.length === 2 ? found : ""));

export const clean = EditorState.transactionFilter.of((transaction) => {
  if (!transaction.docChanged || transaction.annotation(ySyncAnnotation)) return transaction;
  let isMended = false;
  const changes = [];
  transaction.changes.iterChanges((from, to, _from, _to, inserted) => {
    const better = mended(transaction.startState.doc, from, to, inserted);
    isMended ||= better !== null;
    changes.push(better ?? { from, to, insert: inserted });
  });
  if (!isMended) return transaction;
  const mapped = transaction.startState.changes(changes);
  const place = transaction.newSelection.main.head - transaction.changes.newLength + mapped.newLength;
  return {
    changes,
    selection: { anchor: Math.max(0, Math.min(place, mapped.newLength)) },
    effects: transaction.effects,
    userEvent: transaction.annotation(Transaction.userEvent),
    scrollIntoView: transaction.scrollIntoView,
  };
});
