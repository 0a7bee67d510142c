// Ranges of axes that do not jump while a slider is dragged.

/** Ranges of axes that grow at once and shrink only when most of them is empty, so that they do not jump in a drag. */
export class SteadyRanges {
  #ranges = new Map();

  fit(key, low, high, margin = 0.06) {
    if (!(high >= low)) [low, high] = [0, 1];
    const least = Math.max(1e-12, 1e-3 * Math.max(Math.abs(low), Math.abs(high)));
    if (high - low < least) [low, high] = [low - least, high + least];
    const old = this.#ranges.get(key);
    if (old && old[0] <= low && high <= old[1] && high - low > 0.4 * (old[1] - old[0])) return old;
    const pad = margin * (high - low);
    const range = [low - pad, high + pad];
    this.#ranges.set(key, range);
    return range;
  }

  clear() {
    this.#ranges.clear();
  }
}
