// Parts of pages, asked for and sent in the background: what the server answers, without the page around it.
const REFERENCES = ["for", "form", "list", "aria-labelledby", "aria-describedby", "aria-controls", "aria-details", "aria-owns"];

// `sentence` names what says why (layouts/_texts.html); `reason` is what the server said, if it did.
export class Refused extends Error {
  constructor(sentence, reason = "") {
    super(sentence);
    Object.assign(this, { sentence, reason });
  }
}

const partOf = (address) => {
  const part = new URL(address, location.href);
  part.searchParams.set("part", "1");
  part.hash = "";
  return part;
};

// What stands in the page already may have the same ids.
function renamed(root, prefix) {
  const name = (id) => (root.querySelector(`[id="${CSS.escape(id)}"]`) || root.id === id ? prefix + id : id);
  const all = [root, ...root.querySelectorAll("*")];
  const wanted = [];
  for (const each of all) {
    for (const attribute of REFERENCES) {
      const value = each.getAttribute(attribute);
      if (value) wanted.push([each, attribute, value.split(/\s+/).map(name).join(" ")]);
    }
    const href = each.getAttribute("href");
    if (href?.startsWith("#") && href.length > 1) wanted.push([each, "href", `#${name(href.slice(1))}`]);
  }
  for (const each of all) if (each.id) each.id = prefix + each.id;
  for (const [each, attribute, value] of wanted) each.setAttribute(attribute, value);
  return root;
}

async function read(response) {
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const part = page.querySelector("[data-part]");
  return { part: part && renamed(document.importNode(part, true), "panel-"), page };
}

const person = () => document.body.dataset.person ?? "";
const reasonOf = ({ status }, page) => ([403, 404, 409].includes(status) ? page.querySelector("main .lead")?.textContent.trim() ?? "" : "");
const reasons = { 401: "signedOut", 403: "refused", 429: "tooMany" };

// Returns the part at an address; null where one has to sign in first. Raises Refused.
export async function load(address) {
  let response;
  try {
    response = await fetch(partOf(address), { headers: { Accept: "text/html" } });
  } catch {
    throw new Refused("offline");
  }
  if (response.redirected && new URL(response.url).pathname.startsWith("/sign-in")) return null;
  const { part, page } = await read(response);
  if (part) return part;
  throw new Refused(reasons[response.status] ?? "threadNotLoaded", reasonOf(response, page));
}

function bodyOf(form, submitter) {
  const body = new URLSearchParams(new FormData(form));
  if (submitter?.name) body.append(submitter.name, submitter.value);
  return body;
}

// Sends a form. Returns {part, address, isDone}: where it led, and whether it was taken. Raises Refused; what was typed
// stays in the form. A form that began in a session that is over is given the marks of the one that is open now.
export async function send(form, submitter, isAgain = false) {
  const action = submitter?.getAttribute("formaction") ?? form.getAttribute("action") ?? location.href;
  let response;
  try {
    response = await fetch(partOf(action), { method: "POST", body: bodyOf(form, submitter), headers: { Accept: "text/html" } });
  } catch {
    throw new Refused("offline");
  }
  const { part, page } = await read(response);
  if (response.status === 400 && !isAgain && (await renew(form))) return send(form, submitter, true);
  if (part && (response.ok || response.status === 422)) return { part, address: response.url, isDone: response.ok };
  // It led to another page: what that says of it is what there is to show.
  if (response.ok && response.redirected) return { part: messagesOf(page), address: response.url, isDone: true };
  throw new Refused(reasons[response.status] ?? "failed", reasonOf(response, page));
}

function messagesOf(page) {
  const messages = page.getElementById("messages");
  if (!messages?.childElementCount) return null;
  const part = document.createElement("div");
  part.className = "part";
  part.append(document.importNode(messages, true));
  part.firstChild.removeAttribute("id");
  part.firstChild.setAttribute("data-part-messages", "");
  return part;
}

// Whether the form has marks of this session now.
async function renew(form) {
  const response = await fetch(location.pathname, { cache: "no-store" });
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  if ((page.body.dataset.person ?? "") !== person()) throw new Refused(page.body.dataset.person ? "threadAnother" : "signedOut");
  const [old, fresh] = [form, page].map((where) => where.querySelector("[name=csrf_token]"));
  if (!old || !fresh) return false;
  old.value = fresh.value;
  return true;
}
