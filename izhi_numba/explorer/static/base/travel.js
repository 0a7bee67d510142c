// Where a slider's thumb is for a number, and what number an arrow key leads to.

import { clamp, niceStep } from "./numbers.js";

/**
 * How a slider's number and the value go together: its ends, the value of a number, the number of a value, and the
 * next value for an arrow key (`fine` with shift).
 */
export function travelOf({ low, high, log, step, integer, choices }) {
  const round = (value, by) => Number((Math.round(value / by) * by).toPrecision(12));
  if (choices) {
    const nearest = (value) => choices.reduce((best, one, i) => (Math.abs(one - value) < Math.abs(choices[best] - value) ? i : best), 0);
    const last = choices.length - 1;
    return { min: 0, max: last, valueOf: (x) => choices[Math.round(x)], numberOf: nearest, next: (value, sign) => choices[clamp(nearest(value) + sign, 0, last)] };
  }
  if (log && low > 0) {
    const near = (value) => clamp(round(value, integer ? 1 : niceStep(value / 100)), low, high);
    const next = (value, sign, fine) => near(integer ? Math[sign > 0 ? "max" : "min"](value * (1 + 0.05 * sign), value + sign) : value * (1 + (fine ? 0.01 : 0.05) * sign));
    return { min: Math.log(low), max: Math.log(high), valueOf: (x) => near(Math.exp(x)), numberOf: (value) => Math.log(Math.max(value, 1e-300)), next };
  }
  const by = step ?? (integer ? 1 : niceStep((high - low || 1) / 500));
  const near = (value) => clamp(round(value, by), low, high);
  return { min: low, max: high, valueOf: near, numberOf: (value) => value, next: (value, sign, fine) => near(value + sign * (fine ? by : Math.max(by, niceStep((high - low) / 100)))) };
}
