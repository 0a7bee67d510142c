// Texts that the server writes: a program, a table.

/** Questions for texts, by number, and who waits for each answer. */
export class Texts {
  #waiting = new Map();
  #seq = 0;

  /** `post(seq, what)` asks for a text of the present settings. */
  constructor(post) {
    this.post = post;
  }

  /** Promise of a text; of null where the server says why there is none. */
  ask(what) {
    const seq = ++this.#seq;
    return new Promise((resolve) => {
      this.#waiting.set(seq, resolve);
      this.post(seq, what);
    });
  }

  answered(seq, content) {
    this.#waiting.get(seq)?.(content);
    this.#waiting.delete(seq);
  }
}
