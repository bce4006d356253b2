// Attaches behaviours to what is on the page, and to what htmx brings later; never twice to the same element.
const seen = new WeakMap();

function attach(root, behaviours) {
  for (const [selector, behaviour] of Object.entries(behaviours)) {
    const found = [...root.querySelectorAll(selector)];
    if (root.matches?.(selector)) found.unshift(root);
    for (const element of found) {
      const had = seen.get(element) ?? new Set();
      if (had.has(behaviour)) continue;
      seen.set(element, had.add(behaviour));
      behaviour(element);
    }
  }
}

export function behave(behaviours) {
  attach(document, behaviours);
  document.addEventListener("htmx:load", (event) => attach(event.detail.elt, behaviours));
}
