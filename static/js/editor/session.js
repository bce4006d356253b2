// One person's work on one draft in one window: the shared document, its people, and whether what was typed is saved.
// Events: "state", "sections", "people", "presence" (connection id), "remote" (section keys), "frozen" ({number, label,
// by}), "rebuilt" (`doc` is another one now), "choose" (what to decide about, see rebuild.js).
import * as Y from "yjs";
import { keepAgain } from "../kept-pages.js";
import { Copies } from "./copies.js";
import { Crowd } from "./crowd.js";
import { hasStrayed, Known, lacking } from "./known.js";
import { Link } from "./link.js";
import { bringTo } from "./merge.js";
import { Outbox } from "./outbox.js";
import { Pace } from "./pace.js";
import { movedOn, startOver, withChanges } from "./rebuild.js";
import { isSame, standing } from "./standing.js";
import { Store } from "./store.js";
import { decode, encode, frames } from "./wire.js";

const PACE = 50; // milliseconds between two frames
const OFFLINE_PACE = 300; // between two writes to the disk without a link
const WARY = 60_000; // after a refusal, before changes are put in anew without asking
const MOST_CLAIMS = 19; // client ids of one connection
const MOST_STRAYS = 4; // greetings without what we have of others, before we take it for lost
const BACKLOG = 1_000_000; // bytes that wait for the network
const REMOTE = Symbol("remote");
const EMPTY_VECTOR = Uint8Array.of(0);
const NOWHERE = { section: null, anchor: null, head: null };

export class Session extends EventTarget {
  doc = new Y.Doc();
  sections = [];
  people = new Crowd();
  you = null;
  maxSection = Infinity;
  state = { kind: "saved", why: "offline", isKept: false };
  #outbox = new Outbox();
  #claimed = new Set();
  #isWelcome = false;
  #isTaking = true; // the database takes writes
  #fresh = null; // the document to begin anew with
  #refusal = null; // why the hub made us begin anew, where it did
  #refusedAt = -Infinity;
  #presence = NOWHERE;
  #hasMoved = false;
  #strays = 0;
  #isWary = false; // ask about everything when beginning anew
  #pace = new Pace(() => this.#flush(), () => (this.#isWelcome ? PACE : OFFLINE_PACE));
  #stop = new AbortController();
  #clock;
  #becomeReady;

  constructor({ draft, person, socket, status = socket.replace(/socket$/, "status"), language, latest = 0, page = window }) {
    super();
    Object.assign(this, { person, language, latest, page });
    const name = `sip.live.${person}.${draft}`;
    this.store = new Store(name, () => this.#tellState());
    this.known = new Known(this.store);
    this.copies = new Copies(this.store, name, { onChoose: () => this.#ask(), onChange: () => this.#tellState() });
    // Before the link lets go: what was typed last still goes out.
    for (const [target, type] of [[page, "pagehide"], [page.document, "visibilitychange"]]) {
      target.addEventListener(type, () => this.#leave(), { signal: this.#stop.signal });
    }
    this.link = new Link({
      address: `${socket}?person=${person}`,
      status,
      person,
      page,
      onOpen: () => this.#hello(),
      onFrame: (frame) => this.#take(frame),
      onDown: ({ code }) => this.#down(code),
      onChange: () => this.#tellState(),
    });
    this.#clock = setInterval(() => this.#tellState(), 1_000);
    this.ready = new Promise((resolve) => (this.#becomeReady = resolve));
    this.#listen(this.doc);
    this.#begin();
  }

  text(key) {
    return this.doc.getText(key);
  }

  get isWatching() {
    return this.#isWelcome && !this.sections.some((section) => section.may_edit);
  }

  get isKept() {
    return this.store.isKept;
  }

  get hasUnsent() {
    return !this.#outbox.isEmpty || this.choices.length > 0;
  }

  // The sections with something typed here that is not acknowledged.
  get unsentKeys() {
    return this.#outbox.keys;
  }

  // By what store.js knows it.
  get unsentRows() {
    return this.#outbox.chunks.map(({ row }) => row);
  }

  get choices() {
    return this.copies.choices;
  }

  async #begin() {
    const kept = await this.store.open();
    if (this.#stop.signal.aborted) return;
    this.known.load(kept);
    this.#outbox.load(kept.outbox);
    const updates = [...kept.shared, ...kept.sealed.map(({ update }) => update), ...kept.outbox.map(({ update }) => update)];
    this.#apply(updates);
    this.sections = kept.facts.sections ?? [];
    this.maxSection = kept.facts.maxSection ?? Infinity;
    this.copies.load(kept.copies);
    if (updates.length && this.sections.length) this.#becomeReady();
    this.#tellState();
    this.#ask();
    this.link.connect();
  }

  // Changes made here are collected; what came from elsewhere is told.
  #listen(doc) {
    doc.on("update", (update, _origin, _doc, transaction) => {
      const keys = [...doc.share.keys()].filter((key) => transaction.changed.has(doc.share.get(key)));
      if (!transaction.local) return this.#tell("remote", keys);
      this.#outbox.add(update, keys);
      return this.#soon();
    });
  }

  #apply(updates, doc = this.doc) {
    if (updates.length) Y.transact(doc, () => updates.forEach((update) => Y.applyUpdate(doc, update, REMOTE)), REMOTE, false);
  }

  // Where this person is; null for the section where they are in none.
  announce({ section, anchor, head }) {
    this.#presence = section === null ? NOWHERE : { section, anchor, head };
    this.#hasMoved = true;
    this.#soon();
  }

  #soon() {
    this.#pace.soon();
    this.#tellState();
  }

  #flush() {
    this.#close();
    this.#send();
  }

  #close() {
    const chunk = this.#outbox.close(this.doc.clientID, this.latest);
    if (chunk) this.store.keep(chunk);
    return chunk;
  }

  #leave() {
    this.#flush();
    this.store.flush();
  }

  #send(pieces = []) {
    if (!this.#isWelcome) return;
    if (!pieces.length && this.link.backlog > BACKLOG) return void this.#pace.soon();
    pieces.push(...this.#outbox.messages(this.#claimed));
    // The hub takes presence in sections that it knows only.
    const isKnown = this.sections.some(({ key }) => key === this.#presence.section);
    if (this.#hasMoved) pieces.push(encode.presence(isKnown ? this.#presence : NOWHERE));
    this.#hasMoved = false;
    for (const frame of frames(pieces)) this.link.send(frame);
    this.#tellState();
  }

  #hello() {
    const doc = this.#fresh ?? this.doc;
    const others = this.#refusal === "client_id" ? [] : this.#outbox.clients.filter((client) => client !== doc.clientID);
    const clients = [doc.clientID, ...others].slice(0, MOST_CLAIMS);
    this.#claimed = new Set(clients);
    const vector = this.#fresh ? EMPTY_VECTOR : Y.encodeStateVector(doc);
    this.link.send(encode.hello({ clients, language: this.language, vector }));
  }

  #down(code) {
    this.#isWelcome = false;
    this.#outbox.resend();
    this.people.clear();
    // What we sent is not what it takes for an update: it is not sent again, its author decides.
    if (code === 4400) this.#anew("malformed");
    this.#tell("people");
    this.#tellState();
  }

  #take(frame) {
    let remote = [];
    const passOn = () => {
      this.#apply(remote);
      remote = [];
    };
    const messages = decode(frame);
    for (const message of messages) {
      if (message.type === "updates") {
        if (!this.#isWelcome) continue;
        remote.push(message.update);
        this.known.receive(message, () => this.#outbox.row(this.doc.clientID));
        continue;
      }
      passOn();
      // The hub's document is what it greets with and what comes along, which is not committed yet.
      if (message.type === "welcome") message.update = Y.mergeUpdates(messages.flatMap(({ update }) => update ?? []));
      this.#on[message.type].call(this, message);
    }
    passOn();
  }

  #on = {
    welcome: this.#welcome,
    ack: this.#acknowledge,
    presence(message) {
      if (this.people.move(message)) this.#tell("presence", message.id);
    },
    people(message) {
      this.people.change(message);
      this.#tell("people");
    },
    sections({ sections }) {
      this.#arrange(sections);
    },
    state({ kept }) {
      this.#isTaking = kept;
      this.#tellState();
    },
    committed({ seq }) {
      this.known.committed(seq);
    },
    refused({ code }) {
      this.#anew(code);
      this.link.renew();
    },
    frozen({ number, label, by }) {
      this.latest = Math.max(this.latest, number);
      this.#tell("frozen", { number, label, by });
    },
    pong() {},
  };

  #arrange(sections) {
    this.sections = sections;
    this.store.note("sections", sections);
    this.#tell("sections");
  }

  #welcome(message) {
    if (message.person !== this.person) return this.link.mistaken();
    this.#close();
    const lacks = lacking(message.vector, message.update);
    const unsent = this.#outbox.chunks.filter(({ update }) => lacks(update));
    const ours = this.#outbox.chunks.map(({ update }) => update);
    if (!this.#fresh && hasStrayed(this.doc, message.vector, this.known.sealed, ours) && (this.#strays += 1) < MOST_STRAYS) {
      return this.link.again(); // another hub than before may not have read yet what that one wrote
    }
    if (!this.#fresh && (this.#strays === MOST_STRAYS || movedOn(unsent, message).size)) {
      this.#fresh = new Y.Doc();
      return this.link.renew();
    }
    this.#strays = 0;
    this.link.welcomed();
    const sealed = this.known.handBack();
    if (this.#fresh) this.#startOver(message, lacks);
    else this.#catchUp(message);
    Object.assign(this, { you: message.you, latest: message.latest, maxSection: message.max_section });
    this.store.note("maxSection", this.maxSection);
    this.#isTaking = message.kept;
    this.people.begin(message.people);
    this.#arrange(message.sections);
    this.#tell("people");
    this.#isWelcome = true;
    this.#hasMoved = this.#presence.section !== null;
    this.#send(this.#outbox.handBack(sealed, this.#claimed));
    this.#becomeReady();
    keepAgain();
    return undefined;
  }

  #catchUp({ update }) {
    this.known.add(update);
    this.#apply([update]);
  }

  #anew(code) {
    if (code !== "rights" || Date.now() - this.#refusedAt < WARY) this.#isWary = true;
    this.#refusedAt = Date.now();
    this.#refusal = code;
    this.#fresh = new Y.Doc();
    this.known.forgetSealed();
  }

  // The hub's document takes the place of ours; what was typed here and is not in it is put in, or asked about.
  #startOver(message, lacks) {
    const [old, fresh] = [this.doc, this.#fresh];
    const { state, dropped, puts, choices } = startOver(this.known, this.#outbox, {
      message,
      lacks,
      isAsked: this.#isWary,
      isRefused: this.#refusal !== null,
    });
    this.#apply([state], fresh);
    this.#listen(fresh);
    this.doc = fresh;
    this.sections = message.sections;
    this.latest = message.latest;
    fresh.transact(() => puts.forEach(({ key, text }) => bringTo(fresh.getText(key), text)));
    const chunk = this.#outbox.close(fresh.clientID, this.latest);
    this.store.replace({ state, dropped, copies: this.copies.add(choices), chunks: chunk ? [chunk] : [] });
    this.#fresh = this.#refusal = null;
    this.#isWary = false;
    this.#presence = NOWHERE;
    this.#tell("rebuilt");
    this.#tell("remote", [...fresh.share.keys()]);
    old.destroy();
    if (!choices.length) return;
    this.copies.tell();
    this.#ask();
  }

  #acknowledge({ seq }) {
    this.known.addOwn(this.#outbox.acknowledge(seq));
    // The rest was typed under more client ids than one connection may claim.
    if (!this.#outbox.isSent && !this.#outbox.isUnderWay && !this.#outbox.hasFresh) this.link.renew();
    this.#tellState();
  }

  #ask() {
    const asked = this.copies.asked.map((choice) => ({ ...choice, mayEdit: this.#mayEdit(choice.key) }));
    if (asked.length) this.#tell("choose", asked);
    this.#tellState();
  }

  #mayEdit(key) {
    return this.sections.some((section) => section.key === key && section.may_edit && !section.is_retired);
  }

  // Decide about a choice, by its id or its section: "put" its changes into the text as it is now, or "keep" it aside.
  // Resolves to whether that was possible.
  async choose(idOrKey, decision) {
    const choice = this.copies.find(idOrKey);
    if (!choice || (decision === "put" && !this.#mayEdit(choice.key))) return false;
    if (decision === "put") {
      const text = this.text(choice.key);
      const wanted = withChanges(choice, text.toString());
      this.doc.transact(() => bringTo(text, wanted));
      this.#close();
      await this.store.flush();
    }
    await this.copies.decide(choice, decision === "keep");
    this.#ask();
    return true;
  }

  // What was kept aside on this device: [{id, key, title, text, why, at}], the oldest first.
  keptCopies() {
    return this.copies.kept();
  }

  removeCopy(id) {
    return this.copies.remove(id);
  }

  #tell(type, detail = null) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  #tellState() {
    const { link, isKept, choices } = this;
    const now = standing({ link, isKept, choices, outbox: this.#outbox, isTaking: this.#isTaking });
    if (isSame(now, this.state)) return;
    this.state = now;
    this.#tell("state");
  }

  async destroy() {
    this.#leave();
    this.#stop.abort();
    this.#pace.stop();
    clearInterval(this.#clock);
    this.link.close();
    this.copies.close();
    await this.store.close();
    this.doc.destroy();
  }
}
