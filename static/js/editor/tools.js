// The tools of the text and of its tables, in groups.
import { enclosing, footnote, isInCode, isSet, reference, toggleInline, toggleLines } from "./commands.js";
import { isLink } from "./links.js";
import { addColumn, addRow, inTable, putTable, removeColumn, removeRow } from "./tables.js";
import { canRedo, canUndo, redo, undo } from "./undo.js";

const cannotWrite = (state) => state.readOnly;
const notInCode = (state) => state.readOnly || isInCode(state);

const tool = (name, run, more = {}) => ({ name, icon: name, hint: `${name}_hint`, run, isDisabled: cannotWrite, ...more });
const inline = (name, node) => tool(name, toggleInline(node), { isPressed: (state) => enclosing(state, node) !== null, isDisabled: notInCode });
const lines = (name, drawing = name) => tool(name, toggleLines(name), { icon: drawing, isPressed: (state) => isSet(state, name), isDisabled: notInCode });

// `openLink()` asks for an address; `references()` tells whether there is anything to refer to.
export const textTools = (label, openLink, references) => [
  [inline("bold", "StrongEmphasis"), inline("italic", "Emphasis")],
  [lines("heading"), lines("list"), lines("numbered"), lines("quote")],
  [
    tool("link", openLink, { isPressed: isLink, isDisabled: notInCode, opens: true }),
    tool("table", putTable(label), { isDisabled: (state) => notInCode(state) || inTable(state) !== null }),
    tool("footnote", footnote(label("note")), { isDisabled: notInCode }),
    tool("reference", reference, { isDisabled: (state) => notInCode(state) || !references().length }),
  ],
  [
    tool("undo", undo, { isDisabled: (state) => !canUndo(state) }),
    tool("redo", redo, { isDisabled: (state) => !canRedo(state) }),
  ],
];

const plain = (name, run, drawing) => ({ name, icon: drawing, run, isDisabled: cannotWrite });

export const tableTools = () => [
  [plain("row_add", addRow, "row-add"), plain("row_remove", removeRow, "row-remove")],
  [plain("column_add", addColumn, "column-add"), plain("column_remove", removeColumn, "column-remove")],
];
