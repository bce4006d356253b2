// Calls `act` right after what happens now when nothing was done for a while, else as soon as the time is over.
export class Pace {
  #act;
  #pause;
  #timer = null;
  #isDue = false;
  #isAsked = false;

  // `pause()` gives the milliseconds that lie between two calls at least.
  constructor(act, pause) {
    this.#act = act;
    this.#pause = pause;
  }

  soon() {
    this.#isAsked = true;
    if (this.#timer !== null || this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => this.#now());
  }

  #now() {
    this.#isDue = this.#isAsked = false;
    clearTimeout(this.#timer);
    this.#act();
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (this.#isAsked) this.#now();
    }, this.#pause());
  }

  stop() {
    clearTimeout(this.#timer);
    this.#act = () => {};
  }
}
