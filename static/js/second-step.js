// A button that cannot be undone asks once more, in the page: `data-confirm` says what will happen.
import { element, say } from "./texts.js";

export function secondStep(button) {
  let isSure = false;
  button.addEventListener("click", (event) => {
    if (isSure) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const yes = element("button", { type: "button", class: "button button-danger" }, button.textContent.trim());
    const no = element("button", { type: "button", class: "button button-secondary" }, say("cancel"));
    const text = element("p", {}, button.dataset.confirm);
    const group = element("div", { class: "second-step", role: "group", "aria-label": button.dataset.confirm }, text, yes, no);
    const cancel = () => {
      group.remove();
      button.hidden = false;
      button.focus();
    };
    yes.addEventListener("click", () => {
      isSure = true;
      group.remove();
      button.hidden = false;
      button.click();
      isSure = false;
    });
    no.addEventListener("click", cancel);
    group.addEventListener("keydown", (key) => key.key === "Escape" && cancel());
    button.hidden = true;
    button.after(group);
    no.focus();
  });
}
