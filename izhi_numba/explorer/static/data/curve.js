// Rates of a neuron at constant currents.

/** The curve that a message brings. */
export function curveOf(header, arrays) {
  return { ...header, currents: arrays.current.data, rate: arrays.rate.data, firstRate: arrays.first_rate.data };
}

/** Value at x of a line through points; NaN outside. */
export function lineAt(xs, ys, x) {
  for (let i = 1; i < xs.length; i++) {
    if (xs[i - 1] <= x && x <= xs[i]) return ys[i - 1] + ((ys[i] - ys[i - 1]) * (x - xs[i - 1])) / (xs[i] - xs[i - 1] || 1);
  }
  return NaN;
}
