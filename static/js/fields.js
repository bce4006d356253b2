// The fields of a form that hold what somebody typed or chose, with what they began from.
const NEVER = new Set(["csrf_token", "once", "kept", "next", "opened_by"]);

export function kept(form) {
  return [...form.elements].filter(
    (field) => field.name && !NEVER.has(field.name) && !["password", "file", "submit", "button"].includes(field.type),
  );
}

export const value = (field) =>
  field.type === "checkbox" || field.type === "radio"
    ? field.checked
    : field.multiple
      ? [...field.selectedOptions].map((option) => option.value)
      : field.value;

export function fill(field, stored) {
  if (field.type === "checkbox" || field.type === "radio") field.checked = stored;
  else if (field.multiple) for (const option of field.options) option.selected = stored.includes(option.value);
  else field.value = stored;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

// One name can stand for several fields (radio buttons, lists), so each is known by name and place.
export function read(form) {
  const counts = {};
  return kept(form).map((field) => [`${field.name}.${(counts[field.name] = (counts[field.name] ?? -1) + 1)}`, value(field)]);
}

const part = (entries, form, isWanted) => {
  const fields = kept(form);
  return JSON.stringify(entries.filter((_, index) => isWanted(fields[index])));
};

// What somebody sees of entries that `read` returned, and what goes along unseen, to be compared.
export const visible = (entries, form) => part(entries, form, (field) => field?.type !== "hidden");
export const hidden = (entries, form) => part(entries, form, (field) => field?.type === "hidden");

const baselines = new WeakMap();

// What the form held when it came, if that is what the server has; null where it came back unsaved, with errors.
export function baseline(form) {
  if (!baselines.has(form)) {
    const isUnsaved = form.matches("[data-not-saved]") || form.querySelector("[aria-invalid='true']");
    baselines.set(form, isUnsaved ? null : visible(read(form), form));
  }
  return baselines.get(form);
}
