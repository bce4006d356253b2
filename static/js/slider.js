// Moves through the moments that are linked on the page (`data-stop` says each in one line), the latest first in the
// list, the earliest on the left. The state is loaded once the slider rests; without scripts the links do the same.
import htmx from "htmx.org";

const REST = 250; // milliseconds without a move

export function slider(box) {
  const input = box.querySelector("input");
  const shown = box.querySelector(".time-slider-at");
  const stops = [...document.querySelectorAll("[data-stop]")].reverse();
  const isAddress = "sliderAddress" in box.dataset; // the page is that of one moment
  let loaded = isAddress ? input.value : null;
  let isLoading = false;
  let timer;

  function say() {
    const stop = stops[input.value];
    input.setAttribute("aria-valuetext", stop.dataset.stop);
    shown.textContent = stop.dataset.stop;
  }

  async function bring(stop) {
    const target = document.querySelector("[data-moment]");
    const swap = isAddress ? "outerHTML" : "outerHTML ignoreTitle:true";
    target.setAttribute("aria-busy", "true");
    try {
      await htmx.ajax("GET", stop.href, { target, swap, select: "[data-moment]", source: input });
    } finally {
      document.querySelector("[data-moment]").removeAttribute("aria-busy");
    }
    if (!isAddress) return;
    history.replaceState(null, "", stop.href);
    for (const other of stops) other.removeAttribute("aria-current");
    stop.setAttribute("aria-current", "true");
  }

  // One after the other: where the slider moved on meanwhile, the moment it rests on is brought next.
  async function load() {
    if (isLoading) return;
    isLoading = true;
    try {
      while (input.value !== loaded) {
        const wanted = input.value;
        await bring(stops[wanted]);
        loaded = wanted;
      }
    } catch {
      loaded = null; // requests.js said what went wrong; the next move tries again
    } finally {
      isLoading = false;
    }
  }

  function rest() {
    clearTimeout(timer);
    timer = setTimeout(load, REST);
  }

  input.addEventListener("input", () => {
    say();
    rest();
  });
  // The first moment is loaded only for those who use the slider.
  input.addEventListener("focus", rest);
  box.hidden = false;
  say();
}
