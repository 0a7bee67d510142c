// A run over time: lines of least and largest values, and where it is at a time.

import { clamp } from "../base/numbers.js";

/**
 * The run that a message brings.
 *
 * `voltage` is what its model calls its voltage, `columns` how many the page has room for, and `moved` when the hand
 * moved that asked for it.
 */
export function traceOf(header, arrays, { voltage, columns, moved }) {
  const [, points] = arrays.path.shape;
  return {
    ...header, moved, voltage: header.names.includes(voltage) ? voltage : header.names[0],
    band: arrays.band.data, spikeTimes: arrays.spikes.data, path: { data: arrays.path.data, points },
    polyline: header.columns < columns, // there are fewer samples than columns
  };
}

/** Lowest and highest of one trace. */
export function extent(trace, name) {
  const row = trace.names.indexOf(name);
  if (row < 0) return [Infinity, -Infinity];
  const band = trace.band.subarray(2 * row * trace.columns, 2 * (row + 1) * trace.columns);
  let [low, high] = [Infinity, -Infinity];
  for (const value of band) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

/** Index of the last point of a path whose time is not after t. */
export function pathIndex(path, t) {
  let [low, high] = [0, path.points - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (path.data[middle] <= t) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Values of a row of a path at a time: between two points, or the last one before the pen was lifted. */
export function pathValue(path, row, index, t) {
  const at = row * path.points;
  let k = index;
  while (k > 0 && !Number.isFinite(path.data[at + k])) k--;
  const [now, next] = [path.data[at + k], path.data[at + k + 1]];
  const [t0, t1] = [path.data[k], path.data[k + 1]];
  if (k !== index || k + 1 >= path.points || !Number.isFinite(next) || !(t1 > t0)) return now;
  return now + ((next - now) * clamp(t - t0, 0, t1 - t0)) / (t1 - t0);
}
