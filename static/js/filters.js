// A list chosen with the pointer is filtered at once; from the keyboard the form's own button does it, since moving
// through the options of a list changes it at every step.
export function filters(form) {
  let isPointer = false;
  form.addEventListener("pointerdown", () => (isPointer = true));
  form.addEventListener("keydown", () => (isPointer = false));
  form.addEventListener("change", (event) => {
    if (isPointer && event.target.matches("select")) form.querySelector("[type='submit']")?.click();
  });
}
