// A text that people talk about: what that needs is loaded beside it, once the page is there and has nothing else to do.
export function discussion(root) {
  const script = document.createElement("script");
  script.src = root.dataset.script;
  script.nonce = document.querySelector("script[nonce]").nonce;
  const load = () => document.head.append(script);
  const whenIdle = () => (window.requestIdleCallback ? requestIdleCallback(load, { timeout: 2_000 }) : setTimeout(load, 200));
  if (document.readyState === "complete") whenIdle();
  else window.addEventListener("load", whenIdle, { once: true });
}
