// From values to pixels, and round numbers between.

import { niceStep, numberText, signed } from "../base/numbers.js";

export const scaleOf = (low, high, from, to) => {
  const factor = (to - from) / (high - low || 1);
  return (value) => from + (value - low) * factor;
};

/** Round numbers within a range, and how to write them. */
export function ticksOf(low, high, count) {
  const step = niceStep((high - low) / Math.max(1, count));
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const found = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) found.push(k * step);
  const large = Math.max(Math.abs(low), Math.abs(high)) >= 1e5 || step < 1e-4;
  return found.map((value) => ({ value, text: signed(large ? numberText(value, 3) : (value || 0).toFixed(Math.min(decimals, 6))) }));
}
