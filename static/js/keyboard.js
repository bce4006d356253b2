// What stands at the foot of a phone stays above the keyboard on the screen: `--keyboard` is how much of the window that
// covers, `--seen` how much is to be seen. `onChange` is told of the part of the window that is seen.
export function watchKeyboard(onChange = () => {}) {
  const view = window.visualViewport;
  if (!view) return;
  const { style } = document.documentElement;
  const place = () => {
    style.setProperty("--keyboard", `${Math.max(0, Math.round(window.innerHeight - view.height - view.offsetTop))}px`);
    style.setProperty("--seen", `${Math.round(view.height)}px`);
    onChange(view);
  };
  view.addEventListener("resize", place);
  view.addEventListener("scroll", place);
  place();
}
