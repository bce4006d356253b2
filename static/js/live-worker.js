// The service worker of the pages on which people write: without a network, or while the server is away, the copy that
// kept-pages.js made of such a page opens instead, with all that it needs. Everything else goes its ordinary way.
const PATIENCE = 5_000; // milliseconds that a network may take when there is a copy
const IS_AWAY = [502, 503, 504]; // what a proxy says while the server is gone

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname, searchParams } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (request.mode === "navigate" && /^\/drafts\/[^/]+\/live$/.test(pathname)) event.respondWith(page(request, pathname));
  // Static files never change under the address that names their content.
  else if (pathname.startsWith("/static/") && searchParams.has("v")) event.respondWith(file(request));
});

async function page(request, pathname) {
  const kept = await caches.match(pathname, { ignoreSearch: true, ignoreVary: true });
  if (!kept) return fetch(request);
  const waiting = new Promise((resolve) => setTimeout(resolve, PATIENCE, kept));
  const answer = await Promise.race([fetch(request).catch(() => kept), waiting]);
  return IS_AWAY.includes(answer.status) ? kept : answer;
}

async function file(request) {
  return (await caches.match(request, { ignoreVary: true })) ?? fetch(request);
}
