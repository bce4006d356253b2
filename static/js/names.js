// Behind an @ the names are offered of those who take part; a field of one line is a name itself, and the server looks for it.
// The field stays an ordinary one: whoever types on is not held up.
import { announce, element, say } from "./texts.js";

const MOST = 6;

const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

// What is being typed behind the last @ before the cursor, or null: two words at most, and no line end.
export function typedName(text, cursor) {
  const found = /(?:^|[^\p{L}\p{N}@])@([\p{L}\p{N}’'-]*(?: [\p{L}\p{N}’'-]*)?)$/u.exec(text.slice(0, cursor));
  return found ? found[1] : null;
}

// The names that fit: those that begin so, then those of which another word does.
export function fitting(names, typed) {
  const wanted = plain(typed);
  const places = names.map((name) => plain(name).split(" ").findIndex((_word, at, words) => words.slice(at).join(" ").startsWith(wanted)));
  const found = names.map((name, at) => [name, places[at]]).filter(([, place]) => place >= 0);
  return found.sort((one, other) => Math.sign(one[1]) - Math.sign(other[1])).slice(0, MOST).map(([name]) => name);
}

const LEAST = 2; // letters, before the server looks for a name
const PAUSE = 200; // ms without a key, before it does

export function names(field) {
  const isName = field.tagName === "INPUT";
  const typedNow = () => {
    if (!isName) return typedName(field.value, field.selectionStart);
    return field.value.trim().length >= LEAST ? field.value.trim() : null;
  };
  const list = element("ul", { id: `${field.id}-names`, class: "name-choices", role: "listbox", "aria-label": say("names"), hidden: "" });
  field.after(list);
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", list.id);
  let known;
  let at = -1;

  async function load(words = "") {
    const answer = await fetch(field.dataset.names + (words && `?q=${encodeURIComponent(words)}`), { headers: { Accept: "application/json" } });
    return answer.ok ? (await answer.json()).names : [];
  }

  // The names that fit what is typed: all are loaded once, but of a whole name those that the server finds.
  async function find(typed) {
    if (isName) {
      await new Promise((done) => setTimeout(done, PAUSE));
      return typedNow() === typed ? fitting(await load(typed).catch(() => []), typed) : [];
    }
    known ??= load().catch(() => {
      known = undefined;
      return [];
    });
    return fitting(await known, typed);
  }

  function close() {
    list.hidden = true;
    list.replaceChildren();
    field.removeAttribute("aria-activedescendant");
    at = -1;
  }

  function mark(place) {
    const items = [...list.children];
    at = (place + items.length) % items.length;
    items.forEach((item, index) => item.setAttribute("aria-selected", String(index === at)));
    field.setAttribute("aria-activedescendant", items[at].id);
  }

  function choose(name) {
    const typed = typedNow();
    if (isName) field.value = name;
    else if (typed !== null) field.setRangeText(`${name} `, field.selectionStart - typed.length, field.selectionStart, "end");
    close();
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function offer(found) {
    list.replaceChildren(
      ...found.map((name, index) => {
        const item = element("li", { id: `${list.id}-${index}`, role: "option", "aria-selected": "false" }, name);
        // Before the field loses the focus, and with it the place where the name goes.
        item.addEventListener("pointerdown", (event) => event.preventDefault());
        item.addEventListener("click", () => choose(name));
        return item;
      }),
    );
    list.hidden = false;
    mark(0);
    announce(say("namesFound", { count: found.length }));
  }

  field.addEventListener("input", async () => {
    const typed = typedNow();
    if (typed === null) return close();
    const found = await find(typed);
    // What was typed while the names came counts, not what was typed before; a whole name is no question any more.
    const now = typedNow();
    if (now !== typed || !found.length || (found.length === 1 && plain(found[0]) === plain(typed.trim()))) return close();
    offer(found);
  });
  field.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") mark(at + (event.key === "ArrowDown" ? 1 : -1));
    else if (event.key === "Enter") choose(list.children[at].textContent);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  field.addEventListener("blur", close);
}
