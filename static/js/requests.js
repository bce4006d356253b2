// A request of htmx that failed says so in a message that stays; nothing on the page is replaced.
import { element, notice, say } from "./texts.js";

const REASONS = { 401: "signedOut", 403: "refused", 429: "tooMany" };

function show(name) {
  const region = document.getElementById("messages");
  region.querySelector("[data-request-failed]")?.remove();
  const box = element("div", { role: "alert", "data-request-failed": "" }, notice("error", element("p", {}, say(name))));
  region.append(box);
  box.scrollIntoView({ block: "nearest" });
}

export function watchRequests() {
  document.addEventListener("htmx:responseError", (event) => show(REASONS[event.detail.xhr.status] ?? "failed"));
  document.addEventListener("htmx:sendError", () => show("offline"));
  document.addEventListener("htmx:timeout", () => show("offline"));
  document.addEventListener("htmx:afterOnLoad", (event) => {
    if (event.detail.xhr.status < 400) document.querySelector("[data-request-failed]")?.remove();
  });
}
