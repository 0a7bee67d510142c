// One request in flight, and the newest settings win.

/** At most one request is under way; settings that change meanwhile wait, and only the last of them are sent. */
export class Requests {
  seq = 0;
  #sent = 0;
  #busy = false;
  #waiting = false;
  #moved = null; // when the hand moved, of what waits and of what was sent
  #movedSent = null;

  /** `post(seq)` sends the present settings. */
  constructor(post) {
    this.post = post;
  }

  change(moved = performance.now()) {
    this.#moved = moved;
    if (this.#busy) this.#waiting = true;
    else this.#send();
  }

  /**
   * An answer has come. The next request goes out before anything is drawn.
   *
   * Returns when the hand moved that asked for it; null if it is not the answer to the request in flight.
   */
  answered(seq) {
    if (seq !== this.#sent || !this.#busy) return null;
    const moved = this.#movedSent;
    this.#busy = false;
    if (this.#waiting) this.#send();
    return moved;
  }

  /** Number that the answer to the newest settings will have. */
  get newest() {
    return this.seq + (this.#waiting ? 1 : 0);
  }

  /** The connection is gone: nothing is in flight. */
  forget() {
    this.#busy = this.#waiting = false;
  }

  #send() {
    this.#sent = ++this.seq;
    this.#movedSent = this.#moved;
    this.#busy = true;
    this.#waiting = false;
    this.post(this.#sent);
  }
}
