// A published text that one may work on: the way from each of its sections to the same one in the text being written.
import { element, icon, say } from "./texts.js";

export function writeLinks(page) {
  for (const section of document.querySelectorAll(".document [data-key]")) {
    let tools = section.querySelector(":scope > .section-tools");
    if (!tools) {
      tools = element("p", { class: "section-tools" });
      section.append(tools);
    }
    const title = section.querySelector(".doc-title").textContent;
    const hidden = element("span", { class: "visually-hidden" }, ` (${title})`);
    const link = element("a", { href: `${page.dataset.writeLinks}?write=${section.dataset.key}`, lang: document.documentElement.lang });
    link.append(icon("pencil"), ` ${say("writeHere")}`, hidden);
    tools.append(link);
  }
}
