// How fast frames of the network come, and rates that can be read.

const READABLE = 250; // ms between numbers that a person reads

/** Counts frames, and says now and then what there is to read. */
export class Pace {
  #arrivals = []; // of the last second
  #means = null;
  #told;

  /** Frames are counted from now on: there was a pause. */
  begin() {
    this.#arrivals = [];
    this.#told = undefined;
  }

  /** Take a frame's rates at a time (ms). Returns {frames, rates}, frames per second and mean rates; null in between. */
  arrived(rates, now) {
    const arrivals = this.#arrivals;
    arrivals.push(now);
    while (arrivals[0] < now - 1000) arrivals.shift();
    // Rates of one frame flicker: the mean of the last second is what can be read.
    if (this.#means?.length !== rates.length) this.#means = rates; // another network's
    this.#means = this.#means.map((mean, i) => mean + 0.08 * (rates[i] - mean));
    if (this.#told !== undefined && !(now - this.#told > READABLE)) return null;
    this.#told = now;
    const frames = arrivals.length > 1 ? ((arrivals.length - 1) * 1000) / (arrivals.at(-1) - arrivals[0]) : 0;
    return { frames, rates: this.#means };
  }
}
