// A sheet that rises from the foot of a narrow screen when it is the address's target: focus goes in and comes back.
export function sheet(panel) {
  const opener = document.querySelector(`[data-opens-sheet][href="#${panel.id}"]`);
  const isOpen = () => location.hash === `#${panel.id}`;
  let wasOpen = false;
  let isClosing = false;
  panel.tabIndex = -1;

  function close() {
    // Going back takes a moment: asked for twice, it would leave the page.
    if (isClosing) return;
    isClosing = true;
    // The opening made an entry in the history: going back removes it and leaves the page where it is.
    history.back();
  }
  window.addEventListener("hashchange", () => {
    isClosing = false;
    if (isOpen()) {
      wasOpen = true;
      // Whoever is quick has moved on into it already.
      if (!panel.contains(document.activeElement)) panel.focus({ preventScroll: true });
      panel.querySelector("[aria-current]")?.scrollIntoView({ block: "center" });
    } else if (wasOpen) {
      wasOpen = false;
      if (!document.getElementById(location.hash.slice(1))) opener?.focus({ preventScroll: true });
    }
  });
  panel.querySelector(".contents-close")?.addEventListener("click", (event) => {
    if (!wasOpen) return;
    event.preventDefault();
    close();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && isOpen() && wasOpen) close();
  });
}
