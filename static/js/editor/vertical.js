// Up and down by lines as they are seen. CodeMirror's own way passes over lines whose end is hidden, and over the rows
// of a table.
import { EditorSelection } from "@codemirror/state";

const elementOf = (node) => (node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement);

function lineElement(view, line) {
  const { node, offset } = view.domAtPos(line.from);
  const found = node === view.contentDOM ? node.childNodes[offset] : elementOf(node).closest(".cm-line");
  return found?.classList?.contains("cm-line") ? found : null;
}

// The boxes of what is seen of a line; in a table, of the cell that is at `x`.
function boxes(view, line, x) {
  const element = lineElement(view, line);
  if (!element) return [];
  const cells = [...element.querySelectorAll(".cm-cell")];
  const cell = cells.find((candidate) => candidate.getBoundingClientRect().right > x) ?? cells.at(-1);
  const range = document.createRange();
  range.selectNodeContents(cell ?? element);
  return [...range.getClientRects()].filter(({ height }) => height > 2);
}

const middle = ({ top, bottom }) => (top + bottom) / 2;
const isRuling = (view, line) => lineElement(view, line)?.classList.contains("cm-table-ruling");

// The middle of the next row of the same line beyond `from`; null where that was the last one.
function rowWithin(seen, from, isDown) {
  const further = seen.map(middle).filter((y) => (isDown ? y > from.bottom : y < from.top));
  if (!further.length) return null;
  return isDown ? Math.min(...further) : Math.max(...further);
}

function placeAt(view, line, x, y) {
  const found = view.posAndSideAtCoords({ x, y }, false);
  return { head: Math.max(line.from, Math.min(found.pos, line.to)), assoc: found.assoc };
}

function next(view, { head, assoc, goalColumn }, isDown) {
  const { doc } = view.state;
  const left = view.contentDOM.getBoundingClientRect().left;
  let line = doc.lineAt(head);
  const here = view.coordsAtPos(head, assoc || 1) ?? view.coordsAtPos(head, -1);
  const goal = goalColumn ?? (here ? here.left - left : 0);
  const x = left + goal;
  const within = here && rowWithin(boxes(view, line, x), here, isDown);
  if (within) return { ...placeAt(view, line, x, within), goal };
  do {
    const number = line.number + (isDown ? 1 : -1);
    if (number < 1 || number > doc.lines) return { head: isDown ? doc.length : 0, assoc: 0, goal };
    line = doc.line(number);
  } while (isRuling(view, line));
  const rows = boxes(view, line, x).map(middle);
  if (!line.length || !rows.length) return { head: line.from, assoc: 1, goal };
  return { ...placeAt(view, line, x, isDown ? Math.min(...rows) : Math.max(...rows)), goal };
}

export const moveVertically = (isDown, isExtending = false) => (view) => {
  const { main } = view.state.selection;
  // Without Shift a selection is left at its end.
  const from = !isExtending && !main.empty ? EditorSelection.cursor(isDown ? main.to : main.from) : main;
  const { head, assoc, goal } = next(view, from, isDown);
  const range = isExtending ? EditorSelection.range(main.anchor, head, goal) : EditorSelection.cursor(head, assoc, undefined, goal);
  view.dispatch({ selection: EditorSelection.create([range]), scrollIntoView: true, userEvent: "select" });
  return true;
};
