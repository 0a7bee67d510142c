// Where the panels of the traces are, and how large.

import { extent } from "../data/trace.js";
import { scaleOf } from "./scales.js";

export const TRACE = { left: 52, right: 12, top: 22, bottom: 24, gap: 12 };
const WEIGHTS = { voltage: 3, others: 1.35, current: 1 };

/** How many pixels of the screen a picture of some width has along its time axis; `ratio` is pixels of the screen to one. */
export const columnsOf = (width, ratio) => Math.max(50, Math.round((width - TRACE.left - TRACE.right) * ratio));

/** Boxes of the panels: the voltage, other variables by unit, the current. */
export function tracePanels(trace, width, height) {
  const { names, units, voltage } = trace;
  const groups = [{ names: [voltage], weight: WEIGHTS.voltage }];
  for (const name of names) {
    if (name === voltage || name === "I") continue;
    const same = groups.slice(1).find((group) => units[group.names[0]] === units[name]);
    if (same) same.names.push(name);
    else groups.push({ names: [name], weight: WEIGHTS.others });
  }
  if (names.includes("I")) groups.push({ names: ["I"], weight: WEIGHTS.current });
  const room = height - TRACE.top - TRACE.bottom - TRACE.gap * (groups.length - 1);
  const weight = groups.reduce((sum, group) => sum + group.weight, 0);
  let top = TRACE.top;
  return groups.map((group) => {
    const size = (room * group.weight) / weight;
    const panel = { ...group, left: TRACE.left, right: width - TRACE.right, top, bottom: top + size };
    top += size + TRACE.gap;
    return panel;
  });
}

/** Where the panels and their scales are; used for drawing, the dot and the pointer alike. */
export function traceFrame(trace, frozen, ranges, width, height) {
  const panels = tracePanels(trace, width, height);
  const xAt = scaleOf(trace.t0, trace.t1, TRACE.left, width - TRACE.right);
  for (const panel of panels) {
    const all = panel.names.flatMap((name) => [extent(trace, name), ...(frozen ? [extent(frozen, name)] : [])]);
    let [low, high] = [Math.min(...all.map((one) => one[0])), Math.max(...all.map((one) => one[1]))];
    if (panel.names[0] === "I") [low, high] = [Math.min(low, 0), Math.max(high, 0)];
    panel.range = ranges.fit(panel.names.join(), low, high, 0.08);
    panel.yAt = scaleOf(...panel.range, panel.bottom, panel.top);
  }
  return { panels, xAt };
}

export const traceColor = (trace, name, palette) =>
  name === "I" ? palette.current : palette.variables[trace.names.indexOf(name) % palette.variables.length];
