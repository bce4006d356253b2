// The connection to the hub: opened, watched, and opened again for as long as the page lives.
import { watchPerson } from "../kept-pages.js";
import { encode } from "./wire.js";

const FIRST_PAUSE = 500; // milliseconds until the next try; they double up to the longest
const LONGEST_PAUSE = 15_000;
const PATIENCE = 10_000; // until a socket that does not open counts as failed
const QUIET = 15_000; // without a word before we ask for one, and then until we give up
const QUICK = 5_000; // the same when somebody comes back to the page
const BEAT = 2_500;
const TRIES = 3; // sockets that do not open, while pages come, before we say that it will not work
const MORE_TRIES = 8; // the same once it did: the hub may be starting again

// Where the hub says in the close code why it ended, and when to come back; elsewhere the usual pause holds.
const CLOSED = { 4400: "malformed", 4401: "ended", 4403: "rights", 4409: "crowded" };
const SLOWLY = { 4409: 15_000, 4429: 3_000 };

// Calls `onOpen()`, `onFrame(data)` for every frame, `onDown({code})` when an open link ends, and `onChange()` when
// `why` changes: null, or what keeps us from the hub. `page` is the window.
export class Link {
  why = "offline";
  isOpen = false;
  #socket = null;
  #isOver = false;
  #timer;
  #beat;
  #failures = 0;
  #heardAt = 0;
  #askedAt = null;
  #patience = QUIET;
  #tries = TRIES;
  #channel;
  #stop = new AbortController();

  constructor({ address, status, person, page = window, onOpen, onFrame, onDown, onChange }) {
    Object.assign(this, { address, status, person, page, onOpen, onFrame, onDown, onChange });
    const on = (target, type, act) => target.addEventListener(type, act, { signal: this.#stop.signal });
    on(page, "online", () => this.#now());
    on(page, "offline", () => this.#lost(null, "offline"));
    on(page, "pageshow", (event) => event.persisted && this.#now());
    // A page with an open socket is not kept by the browser for the way back.
    on(page, "pagehide", () => this.#lost(null, "offline", Infinity));
    on(page.document, "visibilitychange", () => !page.document.hidden && this.#now());
    this.#channel = watchPerson(person, () => this.#lost(null));
  }

  // Connect now, or find out soon whether the link still holds.
  #now() {
    if (this.#isOver) return;
    if (this.isOpen) this.#ask(QUICK);
    else if (!this.#socket) this.connect();
  }

  connect() {
    clearTimeout(this.#timer);
    const url = new URL(this.address, this.page.location.href);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = new this.page.WebSocket(url);
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    const mine = (act) => (event) => socket === this.#socket && act(event);
    socket.addEventListener("open", mine(() => this.#opened()));
    socket.addEventListener("message", mine(({ data }) => this.#heard(data)));
    socket.addEventListener("close", mine(({ code }) => this.#lost(code)));
    this.#timer = setTimeout(() => this.#lost(null), PATIENCE);
  }

  #opened() {
    clearTimeout(this.#timer);
    this.isOpen = true;
    this.#heardAt = Date.now();
    this.#askedAt = null;
    this.#beat = setInterval(() => this.#watch(), BEAT);
    this.onOpen();
  }

  // The hub let us in: what went wrong before is forgotten.
  welcomed() {
    this.#failures = 0;
    this.#tries = MORE_TRIES;
    this.#say(null);
  }

  #heard(data) {
    this.#heardAt = Date.now();
    this.#askedAt = null;
    this.onFrame(data);
  }

  // Timers sleep in hidden pages: only silence after a question of ours counts.
  #watch() {
    const now = Date.now();
    if (this.#askedAt !== null) {
      if (now - this.#askedAt > this.#patience) this.#lost(null);
    } else if (now - this.#heardAt > QUIET) {
      this.#ask(QUIET);
    }
  }

  #ask(patience) {
    this.#askedAt ??= Date.now();
    this.#patience = patience;
    this.send(encode.ping());
  }

  send(frame) {
    if (this.isOpen) this.#socket.send(frame);
    return this.isOpen;
  }

  get backlog() {
    return this.#socket?.bufferedAmount ?? 0;
  }

  // End this connection and make a new one at once.
  renew() {
    this.#lost(null, null, 0);
  }

  // End this connection and make a new one after a pause.
  again() {
    this.#lost(null);
  }

  // The hub took us for somebody else.
  mistaken() {
    this.#lost(null, "another");
  }

  close() {
    this.#isOver = true;
    this.#stop.abort();
    this.#channel.close();
    this.#lost(null, "offline", Infinity);
  }

  async #lost(code, why = CLOSED[code] ?? null, pause = this.#pause(code)) {
    const [socket, wasOpen] = [this.#socket, this.isOpen];
    this.#socket = null;
    this.isOpen = false;
    clearTimeout(this.#timer);
    clearInterval(this.#beat);
    if (socket && code === null) socket.close(1000);
    if (wasOpen) this.onDown({ code });
    if (pause !== Infinity) this.#timer = setTimeout(() => this.connect(), pause);
    if (why && why !== "malformed") this.#say(why);
    else if (pause !== 0) await this.#findOut(wasOpen);
  }

  #pause(code) {
    const usual = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** this.#failures);
    this.#failures += 1;
    return Math.max(SLOWLY[code] ?? 0, usual) * (0.75 + Math.random() / 2);
  }

  // Browsers do not tell why a socket was refused: an ordinary request does.
  async #findOut(wasOpen) {
    if (this.page.navigator.onLine === false) return this.#say("offline");
    const said = await this.#fetchStatus();
    if (this.isOpen || this.#isOver) return undefined;
    if (!said) return this.#say("offline");
    if (said.person === null) return this.#say("ended");
    if (said.person !== this.person) return this.#say("another");
    if (!said.may_read) return this.#say("rights");
    if (!wasOpen && this.#failures >= this.#tries) return this.#say("unreachable");
    // The server is there: whatever it was is over, or the next try tells more.
    return this.why === null || !["offline", "unreachable", "crowded"].includes(this.why) ? this.#say("offline") : undefined;
  }

  async #fetchStatus() {
    try {
      const answer = await this.page.fetch(this.status, { cache: "no-store", headers: { Accept: "application/json" } });
      return answer.ok ? await answer.json() : null;
    } catch {
      return null;
    }
  }

  #say(why) {
    if (this.why === why) return;
    this.why = why;
    this.onChange();
  }
}
