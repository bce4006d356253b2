// The sentences scripts say stand in the page, in the reader's language (layouts/_texts.html, drafts/_live_texts.html).
const known = new Map();

export function say(name, values = {}) {
  if (!known.has(name)) {
    const texts = [...document.querySelectorAll("template[data-texts]")].find((template) => name in template.dataset);
    if (!texts) return "";
    known.set(name, texts.dataset[name]);
  }
  return known.get(name).replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
}

export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

// One icon of the page's sprite; it is decoration, the words stand beside it.
export function icon(name) {
  const sprite = document.querySelector(".brand use")?.getAttribute("href").split("#")[0];
  const made = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  made.setAttribute("class", "icon");
  made.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `${sprite}#${name}`);
  made.append(use);
  return made;
}

// A message that stays until the page is left; `kind` is one of the notices. Returns it.
export function notice(kind, ...children) {
  const body = element("div", { class: "notice-body" }, ...children);
  return element("div", { class: `notice notice-${kind}` }, icon(kind), body);
}

const unsaid = [];

// Says `text` to screen readers, without interrupting; what comes in one moment is said together.
export function announce(text) {
  let region = document.getElementById("announcer");
  if (!region) {
    region = element("div", { id: "announcer", class: "visually-hidden", role: "status" });
    document.body.append(region);
  }
  region.textContent = "";
  unsaid.push(text);
  if (unsaid.length === 1) setTimeout(() => (region.textContent = unsaid.splice(0).join(" ")), 50);
}
