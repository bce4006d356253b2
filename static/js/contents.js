// The table of contents follows the reading: the entry of the section at the top of the window is marked.
export function contents(list) {
  const links = new Map();
  for (const link of list.querySelectorAll("a[href*='#']")) {
    const target = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (target) links.set(target, link);
  }
  if (!links.size || !("IntersectionObserver" in window)) return;
  const where = document.querySelector("[data-where]");
  const targets = [...links.keys()];
  let current;
  list.classList.add("is-following");

  function mark(target) {
    if (target === current) return;
    links.get(current)?.removeAttribute("aria-current");
    current = target;
    const link = links.get(target);
    for (const item of list.children) item.classList.toggle("is-open", item.contains(link));
    if (!link) return;
    link.setAttribute("aria-current", "true");
    if (where) where.textContent = link.textContent.trim().replace(/\s+/g, " ");
    const box = list.closest("nav");
    // The list moves, the page does not; and not while somebody is in the list.
    if (!box || box.contains(document.activeElement) || box.matches(":hover")) return;
    const [top, height] = [link.getBoundingClientRect().top - box.getBoundingClientRect().top, box.clientHeight];
    if (top < 0 || top > height - link.offsetHeight) box.scrollTop += top - height / 3;
  }

  function look() {
    if (!list.isConnected) return observer.disconnect(); // another list came in its place
    const line = window.innerHeight * 0.3;
    const passed = targets.filter((target) => target.getBoundingClientRect().top <= line);
    mark(passed[passed.length - 1] ?? targets[0]);
  }
  // Called only when a heading or section crosses the reading line, not at every scroll step.
  const observer = new IntersectionObserver(look, { rootMargin: "-5% 0px -70% 0px", threshold: [0, 1] });
  targets.forEach((target) => observer.observe(target));
  look();
}
