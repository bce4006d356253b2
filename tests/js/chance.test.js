// Several people, bad networks and a hub that is killed, from fixed seeds: in the end all see the same, and every word
// that somebody typed stands there once.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Session } from "../../static/js/editor/session.js";
import { Disk } from "./disk.js";
import { Hub, Window } from "./hub.js";

const KEYS = ["a", "b"];
const later = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function chance(seed) {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * below);
  };
}

function open(hub, person) {
  const page = new Window(hub);
  // Persons are told apart by what is on their disk; to this hub they are one.
  const session = new Session({ draft: `chance${person}`, person: 7, socket: "/x/socket", language: "fr", page });
  session.asked = [];
  session.addEventListener("choose", ({ detail }) => session.asked.push(...detail));
  return session;
}

async function until(condition, what) {
  for (let tries = 0; tries < 12_000; tries += 1) {
    if (condition()) return;
    await later(5);
  }
  assert.fail(what);
}

for (const seed of [11, 22, 33, 44]) {
  test(`nothing is lost and nothing doubled, seed ${seed}`, async () => {
    globalThis.indexedDB = new Disk();
    const pick = chance(seed);
    const hub = new Hub();
    hub.write("a", 0, "Début 👩‍🌾 é fin. ");
    let sessions = [0, 1, 2, 3].map((person) => open(hub, person));
    await Promise.all(sessions.map((session) => session.ready));
    const words = [];
    const acts = {
      type(session) {
        const text = session.text(KEYS[pick(2)]);
        // Between words, which nobody ever cuts: each is found again whole.
        const places = [0, ...[...text.toString().matchAll(/\. /g)].map(({ index }) => index + 2)];
        const word = `mot${words.length}é👩‍🌾. `;
        words.push(word);
        text.insert(places[pick(places.length)], word);
      },
      leave: (session) => session.page.goOffline(),
      come: (session) => session.page.goOnline(),
      commit: () => hub.commit(),
      async kill() {
        hub.kill();
        await later(pick(30));
        hub.isUp = true;
      },
      async reload(session) {
        const at = sessions.indexOf(session);
        const isOnline = session.page.navigator.onLine;
        await session.destroy();
        sessions[at] = open(hub, at);
        if (!isOnline) sessions[at].page.goOffline();
        await until(() => sessions[at].text("a").length > 0, "the text comes back");
      },
    };
    const weighed = [..."ttttttttttttcccclloook"].map((letter) => ({ t: "type", c: "commit", l: "leave", o: "come", k: "kill" })[letter]);
    for (let step = 0; step < 250; step += 1) {
      const name = step % 60 === 59 ? "reload" : weighed[pick(weighed.length)];
      const session = sessions[pick(sessions.length)];
      if (name === "reload" && !session.page.navigator.onLine) acts.come(session);
      await acts[name](session);
      await later(pick(12));
    }
    sessions.forEach((session) => session.page.goOnline());
    const isDone = () => sessions.every(({ state }) => state.kind === "saved" && state.why === null);
    for (let round = 0; round < 4_000 && !isDone(); round += 1) {
      hub.commit();
      sessions.forEach((session) => session.state.why && session.page.goOnline());
      await later(20);
    }
    assert.deepEqual(sessions.map(({ state }) => state.kind), ["saved", "saved", "saved", "saved"]);
    await until(() => KEYS.every((key) => sessions.every((session) => session.text(key).toString() === hub.committedText(key))), "all see the same");
    const all = KEYS.map((key) => hub.committedText(key)).join("");
    for (const word of words) assert.equal(all.split(word).length, 2, `${word} stands there once`);
    assert.deepEqual(sessions.flatMap(({ asked }) => asked), []);
    await Promise.all(sessions.map((session) => session.destroy()));
    delete globalThis.indexedDB;
  });
}
