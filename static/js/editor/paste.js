// Pasting: what comes with markup is put in as clean Markdown, plain text as it is; either is one step of undo.
import { EditorView } from "@codemirror/view";
import { cleaned } from "./addresses.js";
import { wellFormed } from "./clean.js";
import { isInCode, write } from "./commands.js";
import { markdownOf } from "./html.js";
import { inTable } from "./tables.js";

const ADDRESS = /^(?:https?:\/\/|mailto:)\S+$/i;

// What to put in for a clipboard, and whether it is made of blocks; null where there is nothing for a text.
function read(view, clipboard) {
  const plain = wellFormed(clipboard.getData("text/plain"));
  const html = clipboard.getData("text/html");
  if (isInCode(view.state)) return plain ? { text: plain, isBlocks: false } : null;
  const converted = html ? markdownOf(html) : null;
  if (converted) return { text: wellFormed(converted.text), isBlocks: converted.isBlocks };
  return plain ? { text: plain, isBlocks: false } : null;
}

// An address over selected words makes them a link.
function asLink({ state }, text) {
  const { from, to, empty } = state.selection.main;
  const words = state.sliceDoc(from, to);
  const address = !empty && ADDRESS.test(text.trim()) && !/[\n[\]]/.test(words) && !ADDRESS.test(words) ? cleaned(text.trim()) : null;
  return address ? `[${words}](${address})` : null;
}

// Blocks stand apart from the text around them by a blank line: [what comes before them, what comes after].
function apart({ doc, selection: { main } }) {
  const before = doc.sliceString(Math.max(0, main.from - 2), main.from);
  const after = doc.sliceString(main.to, main.to + 2);
  const opening = main.from === 0 || before === "\n\n" ? "" : before.endsWith("\n") ? "\n" : "\n\n";
  const closing = main.to === doc.length || after === "\n\n" ? "" : after.startsWith("\n") ? "\n" : "\n\n";
  return [opening, closing];
}

function insert(view, clipboard) {
  const found = view.state.readOnly ? null : read(view, clipboard);
  if (!found) return false;
  const { main } = view.state.selection;
  // A row of a table is one line.
  const inline = inTable(view.state) ? found.text.trim().replace(/\s*\n\s*/g, " ") : found.text;
  const [opening, closing] = found.isBlocks && !inTable(view.state) ? apart(view.state) : ["", ""];
  const text = `${opening}${asLink(view, inline) ?? inline}`;
  return write(view, {
    changes: { from: main.from, to: main.to, insert: text + closing },
    selection: { anchor: main.from + text.length },
    userEvent: "input.paste",
  });
}

export const pasting = EditorView.domEventHandlers({
  paste(event, view) {
    if (!event.clipboardData || !insert(view, event.clipboardData)) return false;
    event.preventDefault();
    return true;
  },
});
