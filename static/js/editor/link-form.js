// The form in which one says where a link leads; it opens below the tools and gives the focus back.
import { element } from "../texts.js";
import { completed } from "./addresses.js";
import { linkAt, removeLink, setLink } from "./links.js";

let count = 0;

export class LinkForm {
  constructor(view, label) {
    count += 1;
    this.view = view;
    this.label = label;
    const id = `editor-link-${count}`;
    this.text = element("input", { id: `${id}-text`, type: "text", autocomplete: "off" });
    this.address = element("input", {
      id: `${id}-address`, type: "text", inputmode: "url", autocomplete: "url", autocapitalize: "none", spellcheck: "false", "aria-describedby": `${id}-wrong`,
    });
    this.wrong = element("p", { id: `${id}-wrong`, class: "editor-link-wrong", role: "alert" });
    this.remove = element("button", { type: "button", class: "button button-small button-plain" }, label("link_remove"));
    const cancel = element("button", { type: "button", class: "button button-small button-plain" }, label("link_cancel"));
    this.dom = element(
      "form",
      { class: "editor-link", "aria-label": label("link_form"), hidden: "", novalidate: "" },
      element("div", { class: "editor-link-field" }, element("label", { for: `${id}-text` }, label("link_text")), this.text),
      element("div", { class: "editor-link-field" }, element("label", { for: `${id}-address` }, label("link_address")), this.address, this.wrong),
      element("div", { class: "editor-link-actions" }, element("button", { type: "submit", class: "button button-small button-primary" }, label("link_apply")), this.remove, cancel),
    );
    this.dom.addEventListener("submit", (event) => this.apply(event));
    this.remove.addEventListener("click", () => this.close(() => removeLink(view, linkAt(view.state))));
    cancel.addEventListener("click", () => this.close());
    this.dom.addEventListener("keydown", (event) => this.onKey(event));
  }

  get isOpen() {
    return !this.dom.hidden;
  }

  open() {
    if (this.view.state.readOnly) return true;
    const link = linkAt(this.view.state);
    // Two fields where there is no text yet; what is selected stays as it is, emphasis and all.
    this.text.parentElement.hidden = link.isNew && link.text !== "";
    this.text.value = link.text;
    this.address.value = link.address;
    this.remove.hidden = link.isNew;
    this.say("");
    this.dom.hidden = false;
    (link.text || !link.isNew ? this.address : this.text).focus();
    return true;
  }

  say(trouble) {
    this.wrong.textContent = trouble;
    this.address.setAttribute("aria-invalid", String(trouble !== ""));
  }

  apply(event) {
    event.preventDefault();
    const address = completed(this.address.value);
    if (!address) {
      this.say(this.label("link_wrong"));
      return this.address.focus();
    }
    // What others wrote meanwhile has moved the selection along.
    return this.close(() => setLink(this.view, linkAt(this.view.state), this.text.value, address));
  }

  close(change = () => {}) {
    this.dom.hidden = true;
    change();
    this.view.focus();
  }

  onKey(event) {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    this.close();
  }
}
