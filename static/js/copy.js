// A permanent link copies its address when it is followed; where the browser refuses, the address is shown.
import { announce, element, say } from "./texts.js";

export function copy(link) {
  link.addEventListener("click", async (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    // A link within this page is followed as well, so that the address bar says the same.
    if (link.pathname !== location.pathname || !link.hash) event.preventDefault();
    link.parentElement.querySelector(".copied")?.remove();
    let told;
    try {
      await navigator.clipboard.writeText(link.href);
      told = element("span", { class: "copied" }, say("copied"));
      announce(say("copied"));
      setTimeout(() => told.remove(), 4000);
    } catch {
      const field = element("input", { type: "text", readonly: "", "aria-label": say("copyByHand") });
      field.value = link.href;
      told = element("span", { class: "copied" }, `${say("copyByHand")} `, field);
      setTimeout(() => field.select());
    }
    link.after(told);
  });
}
