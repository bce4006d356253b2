// What somebody writes or reads stays where it is on the screen while the page changes around it.

// Where one writes or reads with the keyboard, else the section at the top of the window.
function pivotOf(root) {
  if (root.contains(document.activeElement)) return document.activeElement;
  return [...root.querySelectorAll(":scope > [data-live-section]")].find((section) => section.getBoundingClientRect().bottom > 0);
}

// Calls `change`, then scrolls by as much as it moved what must not move: `pivot`, where one is given.
export function still(root, change, pivot = pivotOf(root)) {
  const before = pivot?.getBoundingClientRect().top;
  change();
  if (pivot?.isConnected) window.scrollBy({ top: pivot.getBoundingClientRect().top - before, behavior: "instant" });
}
