// Which neurons share a row of the raster: those of each population evenly, in order, the first at the bottom.

import { clamp } from "../base/numbers.js";

/** A neuron in the middle of a row, {population, neuron}. */
export function neuronOfRow(row, populations) {
  let first = 0;
  for (const [population, { rows, size }] of populations.entries()) {
    if (row < first + rows) return { population, neuron: clamp(Math.floor(((row - first + 0.5) * size) / rows), 0, size - 1) };
    first += rows;
  }
  return null;
}

export function rowOfNeuron(population, neuron, populations) {
  const before = populations.slice(0, population).reduce((sum, { rows }) => sum + rows, 0);
  const { rows, size } = populations[population];
  return before + Math.floor((neuron * rows) / size);
}
