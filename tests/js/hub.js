// A hub in this process, for the tests of the session: a document, its log, and sockets that are plain objects.
import * as Y from "yjs";
import { fromBase64, join, toBase64 } from "../../static/js/editor/wire.js";

const utf8 = new TextEncoder();

function number(value) {
  const bytes = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Uint8Array.from([...bytes, rest]);
}
const sized = (bytes) => join([number(bytes.length), bytes]);
const json = (value) => sized(utf8.encode(JSON.stringify(value)));

function* read(frame) {
  let at = 0;
  const number = () => {
    let [value, place] = [0, 1];
    for (; frame[at] > 127; place *= 128) value += (frame[at++] - 128) * place;
    return value + frame[at++] * place;
  };
  const bytes = () => {
    const size = number();
    at += size;
    return frame.slice(at - size, at);
  };
  while (at < frame.length) {
    const kind = number();
    if (kind === 0) yield { kind, ...JSON.parse(new TextDecoder().decode(bytes())), vector: bytes() };
    else if (kind === 1) yield { kind, seq: number(), update: bytes() };
    else if (kind === 2) yield { kind, where: JSON.parse(new TextDecoder().decode(bytes())) };
    else if (kind === 3) yield { kind, person: number(), seal: bytes(), update: bytes() };
    else yield { kind };
  }
}

export const section = (key, more = {}) => ({ key, slug: key, title: key.toUpperCase(), number: null, kind: "prose", may_edit: true, reason: "", is_retired: false, ...more });

export class Hub {
  log = []; // committed updates
  isUp = true;
  isKept = true;
  latest = 0;
  sections = [section("a"), section("b")];
  refuse = () => null; // (message, keys) → code
  received = []; // every message of every client, as it came
  person = 7; // who is signed in here

  constructor() {
    this.restart();
  }

  // What was not committed is gone.
  restart() {
    this.doc = new Y.Doc();
    this.log.forEach((update) => Y.applyUpdate(this.doc, update));
    this.pending = []; // {update, peer, seq}
    this.seq = 0;
    this.peers ??= new Set();
  }

  kill() {
    this.isUp = false;
    for (const peer of [...this.peers]) peer.drop(1006);
    this.restart();
  }

  text(key) {
    return this.doc.getText(key).toString();
  }

  committedText(key) {
    const doc = new Y.Doc();
    this.log.forEach((update) => Y.applyUpdate(doc, update));
    return doc.getText(key).toString();
  }

  // As the plain form does it: committed at once.
  write(key, index, text, deleted = 0) {
    const before = Y.encodeStateVector(this.doc);
    this.doc.transact(() => {
      const shared = this.doc.getText(key);
      if (deleted) shared.delete(index, deleted);
      shared.insert(index, text);
    });
    const update = Y.encodeStateAsUpdate(this.doc, before);
    this.log.push(update);
    this.tell(join([[1], number((this.seq += 1)), number(0), sized(new Uint8Array()), sized(update)]));
  }

  tell(frame, but = null) {
    for (const peer of this.peers) if (peer !== but && peer.isIn) peer.receive(frame);
  }

  commit() {
    const acks = new Map();
    for (const { update, peer, seq } of this.pending.splice(0)) {
      this.log.push(update);
      if (peer && seq) acks.set(peer, seq);
    }
    for (const [peer, seq] of acks) peer.receive(join([[2], number(seq)]));
    this.tell(join([[7], number(this.seq)]));
  }

  sendSections() {
    this.tell(join([[5], json(this.sections)]));
  }

  freeze() {
    this.latest += 1;
    this.tell(join([[9], json({ number: this.latest, label: "V", by: "Z" })]));
  }

  take(peer, frame) {
    for (const message of read(frame)) {
      this.received.push(message);
      if (message.kind === 0) this.welcome(peer, message);
      if (message.kind === 1) this.update(peer, message);
      if (message.kind === 2) this.tell(join([[3], number(peer.id), json(message.where)]), peer);
      if (message.kind === 3) this.relay(peer, message);
      if (message.kind === 4) peer.receive(Uint8Array.of(10));
    }
  }

  welcome(peer, { clients, vector }) {
    peer.isIn = true;
    peer.clients = new Set(clients);
    const info = {
      you: peer.id, person: this.person, latest: this.latest, people: [], sections: this.sections, max_section: 1000, kept: this.isKept,
      vector: toBase64(Y.encodeStateVector(this.doc)),
    };
    // What is not committed comes with its seal, so that it can be handed back.
    const committed = new Y.Doc();
    this.log.forEach((update) => Y.applyUpdate(committed, update));
    const sealed = this.pending.map((change) => this.sealed(change.number, change.person, change.update));
    peer.receive(join([[0], json(info), sized(Y.encodeStateAsUpdate(committed, vector)), ...sealed]));
  }

  update(peer, message) {
    const { structs } = Y.decodeUpdate(message.update);
    const isMine = structs.every(({ id }) => peer.clients.has(id.client));
    const vector = Y.decodeStateVector(Y.encodeStateVector(this.doc));
    const first = new Map();
    for (const { id } of structs) if (!first.has(id.client)) first.set(id.client, id.clock);
    const isWhole = [...first].every(([client, clock]) => clock <= (vector.get(client) ?? 0));
    const keys = new Set();
    const follows = this.follows(message.update, keys);
    const code = (!isMine && "client_id") || (!isWhole && "incomplete") || (!follows && "foreign") || this.refuse(message, keys);
    if (code) return peer.receive(join([[8], number(message.seq), json({ code, text: code })]));
    return this.passOn(peer, this.person, message.update, message.seq);
  }

  // Whether all that an update builds on is here; adds the keys of the texts that it changes.
  follows(update, keys = new Set()) {
    const trial = new Y.Doc();
    Y.applyUpdate(trial, Y.encodeStateAsUpdate(this.doc));
    trial.on("afterTransaction", ({ changed }) => trial.share.forEach((type, key) => changed.has(type) && keys.add(key)));
    Y.applyUpdate(trial, update);
    return !trial.store.pendingStructs && !trial.store.pendingDs;
  }

  relay(peer, { person, update }) {
    if (!this.follows(update)) return peer.receive(join([[8], number(0), json({ code: "foreign", text: "" })]));
    this.passOn(peer, person, update, null);
    return peer.receive(this.sealed(this.seq, person, update));
  }

  sealed(seq, person, update) {
    return join([[1], number(seq), number(person), sized(Uint8Array.of(1, 2)), sized(update)]);
  }

  passOn(peer, person, update, seq) {
    Y.applyUpdate(this.doc, update);
    this.pending.push({ update, peer, seq, person, number: (this.seq += 1) });
    this.tell(this.sealed(this.seq, person, update), peer);
  }
}

// A window with one hub behind it; `isOnline` is its network.
export class Window extends EventTarget {
  location = { href: "http://test/drafts/x/live" };
  navigator = { onLine: true };
  document = Object.assign(new EventTarget(), { hidden: false });
  status = { person: 7, may_read: true };
  sockets = [];

  constructor(hub) {
    super();
    const page = this;
    this.WebSocket = class extends EventTarget {
      bufferedAmount = 0;
      isIn = false;

      constructor(url) {
        super();
        this.id = page.constructor.count += 1;
        this.url = url;
        page.sockets.push(this);
        setTimeout(() => (hub.isUp && page.navigator.onLine ? this.begin() : this.drop(1006)));
      }

      begin() {
        hub.peers.add(this);
        this.dispatchEvent(new Event("open"));
      }

      send(frame) {
        setTimeout(() => hub.peers.has(this) && hub.take(this, frame));
      }

      receive(frame) {
        setTimeout(() => this.dispatchEvent(Object.assign(new Event("message"), { data: frame.buffer })));
      }

      drop(code) {
        hub.peers.delete(this);
        this.dispatchEvent(Object.assign(new Event("close"), { code }));
      }

      close() {
        hub.peers.delete(this);
      }
    };
    this.fetch = async () => {
      if (!page.navigator.onLine || !hub.isUp) throw new TypeError("no network");
      return { ok: true, json: async () => page.status };
    };
  }

  static count = 0;

  goOffline() {
    this.navigator.onLine = false;
    this.dispatchEvent(new Event("offline"));
  }

  goOnline() {
    this.navigator.onLine = true;
    this.dispatchEvent(new Event("online"));
  }
}

export { fromBase64 };
