// The dot as it runs along the traces.

const LONGEST = 100; // ms between two pictures that are played; after a longer pause it goes on where it was

/** Moves the dot while the page plays; `speed()` is in ms of the trace per second, `shown()` whether there is a page. */
export class Player {
  #last = null; // time of the picture before
  #next;

  constructor(store, { speed, shown }) {
    Object.assign(this, { store, speed, shown });
  }

  toggle() {
    const { playing, time, trace } = this.store.state;
    this.#last = null;
    if (!playing && time === null) this.store.keep({ time: trace?.t0 ?? null });
    this.store.change({ playing: !playing });
    this.resume();
  }

  /** Go on, as after the page was out of sight. */
  resume() {
    if (this.store.state.playing) this.#wait();
  }

  #wait() {
    cancelAnimationFrame(this.#next);
    this.#next = requestAnimationFrame((now) => this.#step(now));
  }

  #step(now) {
    const { playing, trace, time } = this.store.state;
    if (!playing || !this.shown()) return;
    if (trace && this.#last !== null) {
      const { t0, t1 } = trace;
      const next = (time ?? t0) + (Math.min(now - this.#last, LONGEST) / 1000) * this.speed();
      this.store.change({ time: next > t1 ? t0 : next });
    }
    this.#last = now;
    this.#wait();
  }

  stop() {
    this.store.keep({ playing: false });
  }
}
