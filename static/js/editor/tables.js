// Tables: putting one in, going through its cells' rows, adding and removing rows and columns.
import { enclosing, isInCode, write } from "./commands.js";
import { rowsOf } from "./rows.js";

export const inTable = (state) => enclosing(state, "Table");

// The rows of the table around the cursor, with the row and cell that it is in; null outside.
function here(state) {
  const table = inTable(state);
  if (!table) return null;
  const { head } = state.selection.main;
  const rows = rowsOf(state.doc, table);
  const row = rows.findIndex(({ line }) => line.from <= head && head <= line.to);
  if (row < 0) return null;
  const cell = Math.max(0, rows[row].cells.filter(({ from }) => from < head).length - 1);
  return { rows, row, cell, width: Math.max(...rows.map(({ cells }) => cells.length)) };
}

const emptyRow = (width) => `|${"  |".repeat(width)}`;

export const putTable = (label) => (view) => {
  const { state } = view;
  if (isInCode(state) || inTable(state)) return false;
  const line = state.doc.lineAt(state.selection.main.head);
  const [from, to] = line.text.trim() ? [line.to, line.to] : [line.from, line.to];
  const before = line.text.trim() ? "\n\n" : line.number > 1 && state.doc.line(line.number - 1).text.trim() ? "\n" : "";
  const after = line.number < state.doc.lines && state.doc.line(line.number + 1).text.trim() ? "\n" : "";
  const titles = [1, 2].map((number) => label("column", { number }));
  const rows = [`| ${titles.join(" | ")} |`, "| --- | --- |", emptyRow(2), emptyRow(2)];
  const start = from + before.length + 2;
  const insert = `${before}${rows.join("\n")}\n${after}`;
  return write(view, { changes: { from, to, insert }, selection: { anchor: start, head: start + titles[0].length } });
};

export function addRow(view) {
  const found = here(view.state);
  if (!found) return false;
  // Below the title comes the ruling, and a row only after it.
  const { line } = found.rows[Math.max(1, found.row)];
  return write(view, { changes: { from: line.to, insert: `\n${emptyRow(found.width)}` }, selection: { anchor: line.to + 3 } });
}

export function removeRow(view) {
  const found = here(view.state);
  if (!found || found.row < 2) return false;
  const { line } = found.rows[found.row];
  const before = found.rows[found.row - 1].line;
  const place = found.row === 2 ? found.rows[0].line.to : before.to;
  return write(view, { changes: { from: before.to, to: line.to }, selection: { anchor: place }, userEvent: "delete" });
}

export function addColumn(view) {
  const found = here(view.state);
  if (!found) return false;
  const changes = found.rows.map(({ line, cells, isRuling }) => {
    const from = isRuling ? rulingEnd(line, found.cell) : (cells[found.cell]?.to ?? line.to);
    const isLast = from >= line.to;
    const isClosed = isLast && line.text.trimEnd().endsWith("|");
    return { from: isLast ? line.from + line.text.trimEnd().length : from, insert: isRuling ? (isClosed ? " --- |" : "| --- ") : isClosed ? "  |" : "|  " };
  });
  return write(view, { changes });
}

export function removeColumn(view) {
  const found = here(view.state);
  if (!found || found.width < 2) return false;
  const changes = found.rows.flatMap(({ line, cells, isRuling }) => {
    const [from, to] = isRuling ? rulingCell(line, found.cell) : [cells[found.cell]?.from, cells[found.cell]?.to];
    if (from === undefined) return [];
    // The last cell's closing pipe closes the row.
    const isClosed = to >= line.to && line.text.trimEnd().endsWith("|");
    return [{ from, to: isClosed ? line.from + line.text.trimEnd().length - 1 : to }];
  });
  return write(view, { changes, userEvent: "delete" });
}

// Where the cells of the ruling (`| --- | --- |`) begin and end.
function rulingCell(line, index) {
  const cells = [...line.text.matchAll(/\|?[ \t]*:?-+:?[ \t]*/g)];
  const cell = cells[index];
  return cell ? [line.from + cell.index, line.from + cell.index + cell[0].length + (index === cells.length - 1 && line.text.trimEnd().endsWith("|") ? 1 : 0)] : [undefined];
}

const rulingEnd = (line, index) => rulingCell(line, index)[1] ?? line.to;

// Enter in a table: the next row, a new one behind the last, and out of the table from an empty last row.
export function nextRow(view) {
  const { state } = view;
  const found = state.selection.main.empty ? here(state) : null;
  if (!found) return false;
  const next = found.rows[found.row < 2 ? 2 : found.row + 1];
  if (next) {
    view.dispatch({ selection: { anchor: startOf(next) }, scrollIntoView: true });
    return true;
  }
  const { line } = found.rows[found.row];
  if (found.row < 2 || !/^[\s|]*$/.test(line.text)) return addRow(view);
  return write(view, { changes: { from: line.from, to: line.to, insert: "\n" }, selection: { anchor: line.from + 1 } });
}

function startOf({ line, cells: [cell] }) {
  const inner = /^\|?[ \t]?/.exec(line.text.slice((cell?.from ?? line.from) - line.from))[0].length;
  return (cell?.from ?? line.from) + inner;
}
