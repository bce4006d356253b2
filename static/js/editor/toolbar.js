// A row of labelled tools: one stop for Tab, arrows between them (the toolbar pattern of the ARIA practices).
import { element, icon } from "../texts.js";
import { SHORTCUTS } from "./keys.js";

const isMac = /Mac|iPhone|iPad/.test(navigator.platform);
const keysOf = (shortcut) => shortcut.split("-").map((key) => (key === "Mod" ? (isMac ? "Meta" : "Control") : key.length === 1 ? key.toUpperCase() : key));

function shown(shortcut, label) {
  const words = isMac ? { Meta: "⌘", Shift: "⇧" } : { Control: label("control"), Shift: label("shift") };
  return keysOf(shortcut).map((key) => words[key] ?? key).join(isMac ? "" : "+");
}

// `tools` is a list of groups of {name, icon, run(view), isPressed(state), isDisabled(state)}; a tool with `isPressed`
// is a switch. `update` shows how the tools stand now.
export class Toolbar {
  constructor({ view, tools, label, name, leave }) {
    this.view = view;
    this.label = label;
    this.leave = leave;
    this.tools = tools.flat();
    this.dom = element("div", { class: "editor-tools", role: "toolbar", "aria-label": label(name) });
    for (const group of tools) {
      const row = element("div", { class: "editor-tool-group" });
      for (const tool of group) row.append((tool.dom = this.button(tool)));
      this.dom.append(row);
    }
    this.stop = this.tools[0];
    this.dom.addEventListener("keydown", (event) => this.onKey(event));
    this.dom.addEventListener("focusin", ({ target }) => this.stay(this.tools.find(({ dom }) => dom === target)));
    this.update(view.state);
  }

  button(tool) {
    const { label } = this;
    const shortcut = SHORTCUTS[tool.name];
    const hint = tool.hint ? label(tool.hint) : "";
    const button = element("button", {
      type: "button",
      class: "editor-tool",
      tabindex: "-1",
      "data-tool": tool.name,
      ...(hint && { title: shortcut ? `${hint} (${shown(shortcut, label)})` : hint }),
      ...(shortcut && { "aria-keyshortcuts": keysOf(shortcut).join("+") }),
    });
    button.append(icon(tool.icon), element("span", {}, label(tool.name)));
    // The text keeps the focus, so that a phone keeps its keyboard.
    button.addEventListener("mousedown", (event) => event.preventDefault());
    button.addEventListener("click", () => this.use(tool));
    return button;
  }

  use(tool) {
    if (tool.isDisabled?.(this.view.state)) return;
    tool.run(this.view);
    if (!tool.opens) this.view.focus();
  }

  stay(tool) {
    if (!tool) return;
    this.stop.dom.tabIndex = -1;
    this.stop = tool;
    tool.dom.tabIndex = 0;
  }

  onKey(event) {
    if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      return this.leave();
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return undefined;
    const at = this.tools.indexOf(this.stop);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: this.tools.length - 1 }[event.key];
    if (to === undefined) return undefined;
    event.preventDefault();
    return this.focus(this.tools[(to + this.tools.length) % this.tools.length]);
  }

  focus(tool = this.stop) {
    this.stay(tool);
    tool.dom.focus();
    return true;
  }

  update(state) {
    for (const { dom, isPressed, isDisabled } of this.tools) {
      set(dom, "aria-pressed", isPressed ? String(Boolean(isPressed(state))) : null);
      set(dom, "aria-disabled", isDisabled?.(state) ? "true" : null);
    }
    this.stop.dom.tabIndex = 0;
  }
}

// Writing an attribute that stands already would make screen readers look again.
function set(dom, name, value) {
  if (dom.getAttribute(name) === value) return;
  if (value === null) dom.removeAttribute(name);
  else dom.setAttribute(name, value);
}
