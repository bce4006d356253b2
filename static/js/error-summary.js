// The summary of what is wrong takes the focus; its links go to the field, with its label in view.
export function errorSummary(summary) {
  summary.focus();
  summary.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    const field = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (!field) return;
    event.preventDefault();
    const target = field.matches("fieldset") ? (field.querySelector("input") ?? field) : field;
    (field.closest(".field") ?? field).scrollIntoView({ block: "start" });
    target.focus({ preventScroll: true });
  });
}
