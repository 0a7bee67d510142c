// Which neurons share a row of the raster: those of each kind evenly, in order.

import { clamp } from "../base/numbers.js";

/** A neuron in the middle of a row; `rows` is how many there are, and a frame says how many neurons and rows are excitatory. */
export function neuronOfRow(row, rows, { n, n_exc: exc, rows_exc: above }) {
  const middle = row < above ? ((row + 0.5) * exc) / above : exc + ((row - above + 0.5) * (n - exc)) / (rows - above);
  return clamp(Math.floor(middle), 0, n - 1);
}

export function rowOfNeuron(neuron, rows, { n, n_exc: exc, rows_exc: above }) {
  return neuron < exc ? Math.floor((neuron * above) / exc) : above + Math.floor(((neuron - exc) * (rows - above)) / (n - exc));
}
