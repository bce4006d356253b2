// Asks again and again whether something is new while the page is seen: each time at another moment, so that pages that
// were opened together do not ask together, and more seldom where no answer comes.
const EVERY = 20_000; // milliseconds
const SELDOM = 300_000;

export class Polling {
  constructor(address, onAnswer) {
    this.address = address;
    this.onAnswer = onAnswer;
    this.wait = EVERY;
    this.last = 0;
    document.addEventListener("visibilitychange", () => this.look());
    window.addEventListener("pageshow", () => this.look());
    window.addEventListener("online", () => this.look());
  }

  look() {
    if (document.hidden || Date.now() - this.last < EVERY) return;
    this.ask();
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => !document.hidden && this.ask(), this.wait * (0.8 + Math.random() * 0.4));
  }

  // One after the other; who asks meanwhile gets the answer to a question that was put afterwards.
  ask() {
    if (this.asking) return (this.again ??= this.asking.then(() => this.ask()));
    this.again = undefined;
    clearTimeout(this.timer);
    this.asking = this.fetch().finally(() => {
      this.asking = undefined;
      this.later();
    });
    return this.asking;
  }

  async fetch() {
    this.last = Date.now();
    try {
      const response = await fetch(this.address, {
        cache: "no-store", // the mark of the last answer is sent from here
        headers: { Accept: "application/json", ...(this.mark && { "If-None-Match": this.mark }) },
      });
      if (response.status !== 304) {
        if (!response.ok || response.redirected) throw new Error(`${this.address} answers ${response.status}`);
        const answer = await response.json();
        this.mark = response.headers.get("ETag");
        this.onAnswer(answer);
      }
      this.wait = EVERY;
    } catch {
      this.wait = Math.min(this.wait * 2, SELDOM); // what is shown stays
    }
  }
}
