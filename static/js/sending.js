// A form that is on its way is not sent a second time; its button says so with three dots until the answer comes.
const sending = new WeakMap();
const PATIENCE = 15_000; // after that the way is lost, or the answer was a file: sending again does no harm

const buttons = (form) => [...form.elements].filter((field) => field.type === "submit");

function begin(form, pressed) {
  const dots = document.createElement("span");
  dots.textContent = "\u2026";
  pressed?.append(dots);
  // Not `disabled`: what the button stands for would not be sent.
  for (const button of buttons(form)) button.setAttribute("aria-disabled", "true");
  sending.set(form, { dots, timer: setTimeout(() => end(form), PATIENCE) });
}

function end(form) {
  const way = sending.get(form);
  if (!way) return;
  clearTimeout(way.timer);
  way.dots.remove();
  for (const button of buttons(form)) button.removeAttribute("aria-disabled");
  sending.delete(form);
}

export function watchSending() {
  const stop = (event) => {
    if (!sending.has(event.target)) return;
    event.preventDefault();
    event.stopImmediatePropagation(); // nobody else need know that it was tried
  };
  document.addEventListener("submit", stop, { capture: true });
  document.addEventListener("submit", (event) => {
    if (event.target.getAttribute("method") === "post" && !event.defaultPrevented) begin(event.target, event.submitter);
  });
  // A page that the browser kept comes back as it was left.
  window.addEventListener("pageshow", () => [...document.forms].forEach(end));
}
