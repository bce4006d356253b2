// Texts that were kept aside on this device: to be copied, and removed once they are not needed any more.
import { announce, element, icon, say } from "../texts.js";
import { dialog } from "./choose.js";

export class Kept {
  constructor(page) {
    this.page = page;
    this.button = page.bar.querySelector("[data-live-kept]");
    this.button.addEventListener("click", () => this.open());
    this.update();
  }

  async update() {
    this.copies = await this.page.session.keptCopies();
    const count = this.copies.length;
    this.button.hidden = !count;
    this.button.querySelector("[data-live-kept-words]").textContent = say(count === 1 ? "keptOne" : "keptMany", { count });
  }

  open() {
    const list = element("ul", { class: "kept-list" }, ...this.copies.map((copy) => this.entry(copy)));
    const box = dialog(say("keptTitle"), element("div", {}, element("p", {}, say("keptLead")), list), () => this.page.bar.querySelector("summary").focus({ preventScroll: true }));
    box.classList.add("is-kept");
  }

  entry(copy) {
    const at = new Date(copy.at).toLocaleString(document.documentElement.lang, { dateStyle: "long", timeStyle: "short" });
    const text = element("textarea", { readonly: "", rows: "6", class: "writing", lang: this.page.root.lang, "aria-label": copy.title });
    text.value = copy.text;
    const take = element("button", { type: "button", class: "button button-secondary button-small" }, icon("copy"), " ", say("copyText"));
    take.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(copy.text);
        announce(say("textCopied"));
        take.replaceChildren(icon("check"), " ", say("textCopied"));
      } catch {
        text.focus();
        text.select();
      }
    });
    const entry = element("li", {}, element("h3", {}, copy.title), element("p", { class: "soft small" }, at), text);
    entry.append(element("p", { class: "actions" }, take, this.remover(copy, entry)));
    return entry;
  }

  // It is the last copy: asked twice.
  remover(copy, entry) {
    const remove = element("button", { type: "button", class: "button button-plain button-small" }, icon("trash"), " ", say("removeCopy"));
    remove.addEventListener("click", async () => {
      if (!remove.classList.contains("is-sure")) {
        remove.classList.add("is-sure");
        remove.replaceChildren(icon("trash"), " ", say("removeSure"));
        return;
      }
      await this.page.session.removeCopy(copy.id);
      await this.update();
      const next = entry.nextElementSibling ?? entry.previousElementSibling;
      const box = entry.closest("dialog");
      entry.remove();
      if (next) next.querySelector("button").focus();
      else box.close();
    });
    return remove;
  }
}
