// The rows and cells of a table in the text, from its syntax tree.
const isBlank = (text) => !text.trim();

// [{line, cells: [{from, to}], pipes: [position], isHead, isRuling}]; a cell goes from its pipe to the next.
export function rowsOf(doc, table) {
  const rows = [];
  for (let node = table.firstChild; node; node = node.nextSibling) {
    const line = doc.lineAt(node.from);
    if (node.name === "TableDelimiter") rows.push({ line, cells: [], pipes: [], isRuling: true, isHead: false });
    else rows.push({ line, ...cellsOf(line, node), isRuling: false, isHead: node.name === "TableHeader" });
  }
  return rows;
}

function cellsOf(line, row) {
  const pipes = row.getChildren("TableDelimiter").map(({ from }) => from);
  const ends = pipes.filter((pipe) => !isBlank(line.text.slice(pipe + 1 - line.from)));
  const starts = isBlank(line.text.slice(0, (ends[0] ?? row.from) - line.from)) ? ends : [row.from, ...ends];
  const cells = starts.map((from, index) => ({ from, to: starts[index + 1] ?? line.to }));
  // A pipe alone keeps an empty cell open for the cursor.
  return { cells, pipes: pipes.filter((pipe) => cells.some(({ from, to }) => from <= pipe && pipe < to && /[^|]/.test(line.text.slice(from - line.from, to - line.from)))) };
}
