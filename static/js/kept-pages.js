// The page on which somebody writes is kept on this device with its scripts and styles, so that it opens without a
// network (live-worker.js). The copies are one person's: they go when that person signs out or another one signs in.
import { forgetOthersTexts } from "./kept-texts.js";
import { forget, recall, remember } from "./store.js";

const OWNER = "sip.pages"; // whose pages are kept here
const nameOf = (person) => `sip.pages.${person}`;
const CHANNEL = "sip.person";

let keptFor = null; // who wrote in this window
let keeping = null;

// Keep this page as it comes now, for `person`, unless it is kept already; resolves to whether it is.
export function keepPage(person) {
  if (!globalThis.caches || !navigator.serviceWorker || !/^\/drafts\/[^/]+\/live$/.test(location.pathname)) return Promise.resolve(false);
  if (!keeping || recall(OWNER) !== String(person)) keeping = keep(person, location.pathname);
  keptFor = person;
  return keeping;
}

// Back after the copies were forgotten: who signed out has signed in again.
export const keepAgain = () => keptFor !== null && keepPage(keptFor);

async function keep(person, pathname) {
  try {
    await navigator.serviceWorker.register("/live-worker.js", { scope: "/drafts/" });
    remember(OWNER, String(person));
    const answer = await fetch(pathname);
    const html = await answer.clone().text();
    if (!answer.ok || answer.redirected || !html.includes(`data-person="${person}"`)) return false;
    const cache = await caches.open(nameOf(person));
    await Promise.all([...filesOf(html)].map(async (file) => (await cache.match(file)) || cache.add(file)));
    await cache.put(pathname, answer);
    await sweep(cache);
    return true;
  } catch {
    keeping = null; // the network went away meanwhile, or there is no room: the next time
    return false;
  }
}

const filesOf = (html) => new Set(html.match(/\/static\/[^"'\s#<>&]+\?v=\w+/g) ?? []);

// Files that no kept page names any more.
async function sweep(cache) {
  const wanted = new Set();
  const [pages, files] = [[], []];
  for (const request of await cache.keys()) (request.url.includes("/static/") ? files : pages).push(request);
  for (const page of pages) filesOf(await (await cache.match(page)).text()).forEach((file) => wanted.add(new URL(file, location.href).href));
  await Promise.all(files.filter(({ url }) => !wanted.has(url)).map((file) => cache.delete(file)));
}

// On every page: who is signed in here now? What was typed and not sent stays, by person, in IndexedDB.
export async function forgetOthersPages() {
  const { person } = document.body.dataset;
  const owner = recall(OWNER);
  if (owner === null || owner === person) return;
  forget(OWNER);
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage(person);
  channel.close();
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(nameOf(""))).map((name) => caches.delete(name)));
  await forgetOthersTexts(person);
}

// Calls `act` when another window finds somebody else signed in than `person`; returns what to close.
export function watchPerson(person, act) {
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = ({ data }) => data !== String(person) && act();
  return channel;
}
