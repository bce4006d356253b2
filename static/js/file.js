// Says at once that a chosen file is too large (`data-max-size`, bytes) or of the wrong kind (`accept`).
import { element, say } from "./texts.js";

const megabytes = (bytes) => (bytes / 1e6).toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 });

export function file(input) {
  const described = input.getAttribute("aria-describedby");
  const error = element("p", { class: "field-error", id: `${input.id}-file-error`, role: "alert" });

  function problem() {
    const limit = Number(input.dataset.maxSize);
    const kinds = input.accept.split(",").map((kind) => kind.trim().toLowerCase()).filter(Boolean);
    for (const chosen of input.files) {
      if (limit && chosen.size > limit) return say("tooLarge", { size: megabytes(chosen.size), limit: megabytes(limit) });
      const extensions = kinds.filter((kind) => kind.startsWith("."));
      const isFit = kinds.some((kind) => chosen.name.toLowerCase().endsWith(kind) || chosen.type === kind);
      if (extensions.length && !isFit) return say("wrongType", { kinds: extensions.join(", ") });
    }
    return "";
  }
  input.addEventListener("change", () => {
    const text = problem();
    error.textContent = text;
    if (text) input.after(error);
    else error.remove();
    input.toggleAttribute("aria-invalid", Boolean(text));
    if (text) input.setAttribute("aria-invalid", "true");
    input.setAttribute("aria-describedby", [described, text && error.id].filter(Boolean).join(" "));
  });
}
