// The session against a hub in this process; what a browser keeps on its disk is tested in the journeys.
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { Session } from "../../static/js/editor/session.js";
import { Disk } from "./disk.js";
import { Hub, section, Window } from "./hub.js";

const open = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((session) => session.destroy()));
  delete globalThis.indexedDB;
});

async function begin(hub, page = new Window(hub), draft = Math.random()) {
  const session = new Session({ draft, person: 7, socket: "/drafts/x/live/socket", language: "fr", latest: hub.latest, page });
  session.events = [];
  for (const type of ["rebuilt", "choose", "remote", "frozen"]) session.addEventListener(type, ({ detail }) => session.events.push([type, detail]));
  open.push(session);
  await session.ready;
  return session;
}

async function until(condition, what = condition, most = 6_000) {
  for (let tries = 0; tries < most; tries += 1) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.fail(`this did not come: ${what}`);
}

const saved = (session) => until(() => session.state.kind === "saved" && session.state.why === null, "saved");
const later = (ms = 80) => new Promise((resolve) => setTimeout(resolve, ms));
const updatesOf = (hub) => hub.received.filter(({ kind }) => kind === 1);

test("typing is sent at once, and saved only when it is committed", async () => {
  const hub = new Hub();
  const session = await begin(hub);
  await saved(session);
  session.text("a").insert(0, "Bonjour");
  assert.equal(session.state.kind, "saving");
  await until(() => hub.text("a") === "Bonjour");
  await later();
  assert.equal(session.state.kind, "saving");
  hub.commit();
  await saved(session);
  session.text("a").delete(0, 3); // clocks do not move with deletions
  await until(() => hub.text("a") === "jour");
  await later();
  assert.equal(session.state.kind, "saving");
  hub.commit();
  await saved(session);
});

test("what is typed in a row goes in few frames, with where the cursor is", async () => {
  const hub = new Hub();
  const session = await begin(hub);
  await saved(session);
  const began = performance.now();
  for (let at = 0; at < 40; at += 1) {
    session.text("a").insert(at, "x");
    session.announce({ section: "a", anchor: Uint8Array.of(at), head: Uint8Array.of(at) });
    await later(4);
  }
  await until(() => hub.text("a").length === 40);
  await later();
  const most = 3 + (performance.now() - began) / 50; // milliseconds between two frames
  assert.ok(updatesOf(hub).length < most, `${updatesOf(hub).length} updates`);
  const kinds = hub.received.map(({ kind }) => kind);
  assert.equal(kinds[kinds.indexOf(1) + 1], 2);
  assert.deepEqual(updatesOf(hub).map(({ seq }) => seq), updatesOf(hub).map((_, index) => index + 1));
});

test("two people type at once and see the same", async () => {
  const hub = new Hub();
  const [one, other] = [await begin(hub), await begin(hub)];
  await Promise.all([saved(one), saved(other)]);
  one.text("a").insert(0, "un ");
  other.text("a").insert(0, "deux ");
  await until(() => one.text("a").length === 8 && other.text("a").length === 8);
  assert.equal(one.text("a").toString(), other.text("a").toString());
  assert.deepEqual(one.events.find(([type]) => type === "remote"), ["remote", ["a"]]);
});

test("offline typing waits and is merged on return", async () => {
  const hub = new Hub();
  hub.write("a", 0, "Texte commun.");
  const page = new Window(hub);
  const session = await begin(hub, page);
  await saved(session);
  page.goOffline();
  await until(() => session.state.why === "offline");
  assert.equal(session.state.kind, "saved");
  session.text("a").insert(0, "Début. ");
  session.text("a").delete(12, 7);
  await until(() => session.state.kind === "unsaved");
  hub.write("a", 13, " Fin.");
  page.goOnline();
  await until(() => hub.text("a") === "Début. Texte. Fin.");
  assert.equal(session.text("a").toString(), "Début. Texte. Fin.");
  hub.commit();
  await saved(session);
  assert.deepEqual(session.events.filter(([type]) => type !== "remote"), []);
});

test("a server that is killed before its commit gets everything back, what others wrote first", async () => {
  const hub = new Hub();
  const [one, other] = [await begin(hub), await begin(hub)];
  await Promise.all([saved(one), saved(other)]);
  other.text("a").insert(0, "Monde");
  await until(() => one.text("a").toString() === "Monde");
  one.text("a").insert(0, "Bonjour ");
  one.text("a").delete(12, 1);
  await until(() => other.text("a").toString() === "Bonjour Mond");
  await other.destroy(); // who wrote first does not come back
  hub.kill();
  assert.equal(hub.text("a"), "");
  hub.isUp = true;
  await until(() => hub.text("a") === "Bonjour Mond");
  assert.equal(hub.received.find(({ kind }) => kind === 3).person, 7);
  hub.commit();
  await saved(one);
  assert.deepEqual(one.events.filter(([type]) => type !== "remote"), []);
  const relays = hub.received.filter(({ kind }) => kind === 3).length;
  hub.kill();
  hub.isUp = true;
  await saved(one);
  assert.equal(hub.committedText("a"), "Bonjour Mond");
  assert.equal(hub.received.filter(({ kind }) => kind === 3).length, relays, "what is committed is not handed back again");
});

test("an update that the database does not take is not called saved", async () => {
  const hub = new Hub();
  hub.isKept = false;
  const session = await begin(hub);
  await until(() => session.state.why === "stalled");
  session.text("a").insert(0, "x");
  await until(() => session.state.kind === "unsaved" && session.state.why === "stalled");
});

test("a version frozen meanwhile: both texts are shown, and my changes go in where I say so", async () => {
  const hub = new Hub();
  hub.write("a", 0, "Le chat dort.");
  hub.write("b", 0, "Ailleurs.");
  const page = new Window(hub);
  const session = await begin(hub, page);
  await saved(session);
  page.goOffline();
  session.text("a").insert(3, "petit ");
  await until(() => session.state.kind === "unsaved");
  hub.freeze();
  hub.write("a", 12, " bien");
  const sent = updatesOf(hub).length;
  page.goOnline();
  await until(() => session.choices.length === 1);
  assert.equal(session.text("a").toString(), "Le chat dort bien.");
  assert.deepEqual(session.events.map(([type]) => type).slice(-3), ["rebuilt", "remote", "choose"]);
  const [choice] = session.events.at(-1)[1];
  assert.equal(choice.mine, "Le petit chat dort.");
  assert.equal(choice.theirs, "Le chat dort bien.");
  assert.equal(choice.why, "frozen");
  assert.equal(choice.mayEdit, true);
  assert.equal(updatesOf(hub).length, sent, "nothing is sent unasked");
  assert.equal(session.state.kind, "unsaved");
  assert.equal(await session.choose("a", "put"), true);
  await until(() => hub.text("a") === "Le petit chat dort bien.");
  hub.commit();
  await saved(session);
  assert.equal(await session.choose("a", "put"), false);
});

test("what is kept aside is not lost", async () => {
  const hub = new Hub();
  const page = new Window(hub);
  const session = await begin(hub, page);
  await saved(session);
  page.goOffline();
  session.text("a").insert(0, "Pour plus tard.");
  await later();
  hub.freeze();
  page.goOnline();
  await until(() => session.choices.length === 1);
  await session.choose(session.choices[0].id, "keep");
  await saved(session);
  const [copy] = await session.keptCopies();
  assert.equal(copy.text, "Pour plus tard.");
  assert.equal(hub.text("a"), "");
  await session.removeCopy(copy.id);
  assert.deepEqual(await session.keptCopies(), []);
});

test("a right that was lost stops one section; what was typed in another goes in", async () => {
  const hub = new Hub();
  hub.write("a", 0, "Un.");
  hub.write("b", 0, "Deux.");
  const page = new Window(hub);
  const session = await begin(hub, page);
  await saved(session);
  page.goOffline();
  session.text("a").insert(3, " À moi.");
  session.text("b").insert(5, " À nous.");
  await later();
  hub.sections = [section("a", { may_edit: false, reason: "Non." }), section("b")];
  page.goOnline();
  await until(() => session.choices.length === 1);
  await until(() => hub.text("b") === "Deux. À nous.");
  assert.equal(hub.text("a"), "Un.");
  const [choice] = session.events.at(-1)[1];
  assert.deepEqual([choice.key, choice.why, choice.mayEdit], ["a", "rights", false]);
  assert.equal(await session.choose("a", "put"), false);
  hub.commit();
  await until(() => session.state.why === "refused");
});

test("a refusal while online: a fresh document, and what was typed since is not lost either", async () => {
  const hub = new Hub();
  hub.write("a", 0, "Base. ");
  const session = await begin(hub);
  await saved(session);
  hub.refuse = () => "foreign";
  session.text("a").insert(6, "Refusé. ");
  await until(() => hub.received.some(({ kind }) => kind === 1));
  session.text("a").insert(14, "Encore. ");
  await until(() => session.choices.length === 1);
  assert.equal(session.text("a").toString(), "Base. ");
  assert.equal(session.choices[0].mine, "Base. Refusé. Encore. ");
  assert.equal(session.choices[0].why, "refused");
  hub.refuse = () => null;
  await session.choose("a", "put");
  await until(() => hub.text("a") === "Base. Refusé. Encore. ");
  hub.commit();
  await saved(session);
});

test("a link that is lost after the commit and before the word of it doubles nothing", async () => {
  const hub = new Hub();
  const session = await begin(hub);
  await saved(session);
  session.text("a").insert(0, "Une fois.");
  await until(() => hub.text("a") === "Une fois.");
  hub.log.push(...hub.pending.splice(0).map(({ update }) => update));
  hub.freeze();
  hub.kill();
  hub.isUp = true;
  await until(() => session.state.why === null && hub.pending.length === 1);
  hub.commit();
  await saved(session);
  assert.equal(hub.text("a"), "Une fois.");
  assert.deepEqual(session.choices, []);
});

test("who signs out, and who signs in instead, is told apart; the same person goes on", async () => {
  const hub = new Hub();
  const page = new Window(hub);
  const session = await begin(hub, page);
  await saved(session);
  hub.isUp = false;
  page.fetch = async () => ({ ok: true, json: async () => page.status });
  page.status = { person: null, may_read: false };
  [...hub.peers][0].drop(4401);
  session.text("a").insert(0, "Sans session.");
  await until(() => session.state.why === "ended" && session.state.kind === "unsaved");
  page.status = { person: 8, may_read: true };
  page.dispatchEvent(new Event("online"));
  await until(() => session.state.why === "another");
  assert.equal(hub.text("a"), "");
  page.status = { person: 7, may_read: true };
  hub.isUp = true;
  page.dispatchEvent(new Event("online"));
  await until(() => hub.text("a") === "Sans session.");
});

test("a hub that takes us for somebody else gets nothing", async () => {
  const hub = new Hub();
  const page = new Window(hub);
  const session = await begin(hub, page);
  await saved(session);
  page.goOffline();
  session.text("a").insert(0, "À moi seule.");
  await later();
  hub.person = 8;
  page.status = { person: 8, may_read: true };
  page.goOnline();
  await until(() => session.state.why === "another");
  await later();
  assert.equal(hub.text("a"), "");
});

test("a socket that never opens is said to be out of reach, while pages come", async () => {
  const hub = new Hub();
  hub.isUp = false;
  const page = new Window(hub);
  page.fetch = async () => ({ ok: true, json: async () => page.status });
  const session = new Session({ draft: 1, person: 7, socket: "/drafts/x/live/socket", language: "fr", page });
  open.push(session);
  for (let tries = 0; tries < 4; tries += 1) {
    await later(40);
    page.dispatchEvent(new Event("online"));
  }
  await until(() => session.state.why === "unreachable");
});

test("a page that goes to sleep lets go of its socket and takes it up again", async () => {
  const hub = new Hub();
  const page = new Window(hub);
  const session = await begin(hub, page);
  await saved(session);
  session.text("a").insert(0, "Vite.");
  page.dispatchEvent(new Event("pagehide"));
  assert.equal(hub.peers.size, 0);
  page.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true }));
  await until(() => hub.text("a") === "Vite.");
});

test("what the hub has lost for good goes here too, and what was typed beside it stays", async () => {
  const hub = new Hub();
  hub.write("a", 0, "Un. Fin.");
  hub.write("a", 4, "Deux. ");
  const page = new Window(hub);
  const session = await begin(hub, page);
  await saved(session);
  page.goOffline();
  session.text("a").insert(14, " Trois.");
  await later();
  hub.log.pop(); // as after a backup was put back
  hub.restart();
  page.goOnline();
  await later(300);
  assert.match(session.text("a").toString(), /Deux/, "it may come yet, as from a hub that reads later");
  await until(() => hub.text("a") === "Un. Fin. Trois.", "the hub's text");
  assert.equal(session.text("a").toString(), "Un. Fin. Trois.");
  assert.deepEqual(session.choices, []);
});

// A window that is closed without ado: what is on the disk is all that is left.
function crash(session) {
  session.page.sockets.forEach((socket) => socket.close());
  session.page.WebSocket = session.page.sockets.at(-1).constructor;
  open.splice(open.indexOf(session), 1);
  const { store } = session;
  store.flush = () => Promise.resolve();
  session.destroy();
}

test("unsent text outlives the window, and goes when another opens", async () => {
  globalThis.indexedDB = new Disk();
  const hub = new Hub();
  hub.write("a", 0, "Texte. ");
  const page = new Window(hub);
  const session = await begin(hub, page, 1);
  await saved(session);
  assert.equal(session.isKept, true);
  page.goOffline();
  session.text("a").insert(7, "Dans le tunnel.");
  await later();
  crash(session);
  const away = new Window(hub);
  away.navigator.onLine = false;
  const again = await begin(hub, away, 1);
  assert.equal(again.text("a").toString(), "Texte. Dans le tunnel.");
  assert.equal(again.sections.length, 2);
  assert.deepEqual({ ...again.state }, { kind: "unsaved", why: "offline", isKept: true });
  assert.deepEqual([...again.unsentKeys], ["a"]);
  again.text("a").insert(22, " Et après.");
  await later();
  away.goOnline();
  await until(() => hub.text("a") === "Texte. Dans le tunnel. Et après.");
  hub.commit();
  await saved(again);
  await again.store.flush();
  assert.equal(indexedDB.rows("sip.live.7.1", "outbox").length, 0);
});

test("two windows with the same unsent text double nothing", async () => {
  globalThis.indexedDB = new Disk();
  const hub = new Hub();
  const [page, away] = [new Window(hub), new Window(hub)];
  const one = await begin(hub, page, 2);
  await saved(one);
  page.goOffline();
  away.navigator.onLine = false;
  one.text("a").insert(0, "Un.");
  await later(350);
  const other = await begin(hub, away, 2);
  other.text("a").insert(3, " Deux.");
  one.text("b").insert(0, "Trois.");
  await later(350);
  away.goOnline();
  await until(() => hub.text("a") === "Un. Deux.");
  page.goOnline();
  await until(() => hub.text("b") === "Trois." && hub.text("a") === "Un. Deux.");
  hub.commit();
  await Promise.all([saved(one), saved(other)]);
  await until(() => one.text("a").toString() === "Un. Deux." && other.text("b").toString() === "Trois.");
  await Promise.all([one.store.flush(), other.store.flush()]);
  assert.equal(indexedDB.rows("sip.live.7.2", "outbox").length, 0);
});

test("what was typed on top of what another window let go of is asked about, too", async () => {
  globalThis.indexedDB = new Disk();
  const hub = new Hub();
  hub.write("a", 0, "Texte. ");
  const [page, away] = [new Window(hub), new Window(hub)];
  const one = await begin(hub, page, 12);
  await saved(one);
  page.goOffline();
  away.navigator.onLine = false;
  one.text("a").insert(7, "Premier");
  await later(350);
  const other = await begin(hub, away, 12);
  one.text("a").insert(14, " puis second");
  await later(350);
  crash(one);
  hub.freeze();
  away.goOnline();
  await until(() => other.choices.length === 1);
  assert.equal(other.choices[0].mine, "Texte. Premier");
  await other.choose("a", "keep");
  await other.destroy();

  const again = await begin(hub, new Window(hub), 12);
  await until(() => again.choices.length === 1, "the words that build on the others");
  assert.equal(again.choices[0].mine, "Texte. \n\n puis second");
  assert.equal(again.text("a").toString(), "Texte. ");
  assert.equal(await again.choose("a", "put"), true);
  await until(() => hub.text("a").includes(" puis second"));
  hub.commit();
  await saved(again);
});

test("a disk that is full is told, and written to again when it has room", async (context) => {
  globalThis.indexedDB = new Disk();
  const hub = new Hub();
  const page = new Window(hub);
  const session = await begin(hub, page, 3);
  await saved(session);
  page.goOffline();
  indexedDB.isFull = true;
  session.text("a").insert(0, "Trop.");
  await until(() => session.state.kind === "unsaved" && session.state.isKept === false);
  indexedDB.isFull = false;
  await session.store.flush();
  assert.equal(session.state.isKept, true);
  assert.equal(indexedDB.rows("sip.live.7.3", "outbox").length, 1);
});

test("a choice outlives the window, and is asked again", async () => {
  globalThis.indexedDB = new Disk();
  const hub = new Hub();
  const page = new Window(hub);
  const session = await begin(hub, page, 4);
  await saved(session);
  page.goOffline();
  session.text("a").insert(0, "Trop tard.");
  await later();
  hub.freeze();
  page.goOnline();
  await until(() => session.choices.length === 1);
  await session.store.flush();
  crash(session);
  const again = await begin(hub, new Window(hub), 4);
  assert.equal(again.choices.length, 1);
  await until(() => again.state.why === "refused");
  assert.equal(again.events.filter(([type]) => type === "choose").length, 1);
  assert.equal(await again.choose("a", "put"), true);
  await until(() => hub.text("a") === "Trop tard.");
});

test("many windows' unsent texts go in turns, no more client ids at once than the hub takes", async () => {
  globalThis.indexedDB = new Disk();
  const hub = new Hub();
  for (let count = 0; count < 25; count += 1) {
    const away = new Window(hub);
    away.navigator.onLine = false;
    const session = new Session({ draft: 5, person: 7, socket: "/x/socket", language: "fr", page: away });
    open.push(session);
    await until(() => session.isKept);
    await later(5);
    session.text("a").insert(session.text("a").length, `${count};`);
    await later(5);
    await session.store.flush();
    crash(session);
  }
  const session = await begin(hub, new Window(hub), 5);
  const committing = setInterval(() => hub.commit(), 20);
  await saved(session).finally(() => clearInterval(committing));
  assert.equal(hub.text("a"), Array.from({ length: 25 }, (_, count) => `${count};`).join(""));
  assert.ok(hub.received.filter(({ kind }) => kind === 0).length > 1);
  assert.ok(hub.received.filter(({ kind }) => kind === 0).every(({ clients }) => clients.length <= 20));
});
