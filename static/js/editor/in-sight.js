// Keeps the cursor in sight: below the bar that sticks to the top, above a keyboard on the screen and what the page has
// at its foot (its `scroll-padding`).
import { EditorView } from "@codemirror/view";

const AROUND = 8; // pixels between the cursor and what would cover it
const NAME = 16; // more above it, for the name at somebody's cursor in the same line
const LEAST = 80; // pixels of the window that are left for the text, whatever covers the rest

const pixels = (value) => Number.parseFloat(value) || 0;

// The stretch of the window in which text can be seen, in pixels from its top.
function seen(bar) {
  const view = window.visualViewport;
  const top = pixels(getComputedStyle(bar).insetBlockStart) + bar.offsetHeight + AROUND + NAME;
  const bottom = Math.min(
    (view ? view.offsetTop + view.height : window.innerHeight) - AROUND,
    window.innerHeight - pixels(getComputedStyle(document.documentElement).scrollPaddingBlockEnd),
  );
  return { top, bottom: Math.max(bottom, top + LEAST) };
}

// The box of a place, from the page alone: CodeMirror does not measure while it scrolls.
function boxAt(view, place) {
  const { node, offset } = view.domAtPos(place);
  const range = document.createRange();
  range.setStart(node, offset);
  const [box] = range.getClientRects();
  const element = node.nodeType === Node.ELEMENT_NODE ? (node.childNodes[offset] ?? node) : node.parentElement;
  return box ?? (element.closest?.(".cm-line") ?? node).getBoundingClientRect();
}

// `bar()` is the editor's bar. CodeMirror's own way knows of margins, but then hides its lists in those of the first lines.
export const inSight = (bar) =>
  EditorView.scrollHandler.of((view, range, { y }) => {
    const box = boxAt(view, range.head);
    const { top, bottom } = seen(bar());
    const isAbove = box.top < top || y === "start";
    if (!isAbove && box.bottom <= bottom && y !== "center") return true;
    const wanted = y === "center" ? (top + bottom) / 2 - (box.bottom - box.top) / 2 : isAbove ? top : bottom - (box.bottom - box.top);
    window.scrollBy({ top: box.top - wanted, behavior: "instant" });
    return true;
  });

// Where such a keyboard pushes the page up, the bar follows what is visible of it. Returns how to stop that.
export function followKeyboard(bar) {
  const view = window.visualViewport;
  if (!view) return () => {};
  const follow = () => bar.style.setProperty("--seen-from", `${Math.max(0, view.offsetTop)}px`);
  for (const kind of ["resize", "scroll"]) view.addEventListener(kind, follow);
  return () => ["resize", "scroll"].forEach((kind) => view.removeEventListener(kind, follow));
}
