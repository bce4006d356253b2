// Says how many characters are left (`data-counter` is the limit): always to be seen, spoken only near the end.
import { announce, say } from "./texts.js";

export function counter(field) {
  const output = document.getElementById(`${field.id}-count`);
  const limit = Number(field.dataset.counter);
  if (!output || !limit) return;
  let timer;

  // As the server counts: line breaks are one character, and so is what lies outside the basic plane.
  const length = () => [...field.value.replace(/\r\n?/g, "\n")].length;
  function update() {
    const left = limit - length();
    const count = Math.abs(left).toLocaleString(document.documentElement.lang);
    output.textContent = say(left < 0 ? "over" : "left", { count });
    output.classList.toggle("is-over", left < 0);
    clearTimeout(timer);
    if (left < limit / 10) timer = setTimeout(() => field.matches(":focus") && announce(output.textContent), 1500);
  }
  field.addEventListener("input", update);
  update();
}
