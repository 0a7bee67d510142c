// Axes of a plot: grid, ticks and names.

import { clamp } from "../base/numbers.js";
import { FONT, lines, text } from "./pen.js";
import { scaleOf, ticksOf } from "./scales.js";

/** Grid, ticks and names of a box {left, right, top, bottom}. */
export function axes(ctx, box, palette, { x, y, xName, yName, xTicks = 6, yTicks = 4 }) {
  const { left, right, top, bottom } = box;
  if (y) {
    const at = scaleOf(y[0], y[1], bottom, top);
    const ticks = ticksOf(y[0], y[1], yTicks);
    lines(ctx, palette.grid, ticks.map(({ value }) => [left, at(value), right, at(value)]));
    for (const { value, text: label } of ticks) text(ctx, label, left - 6, at(value), { color: palette.faint, align: "right" });
  }
  if (x) {
    const at = scaleOf(x[0], x[1], left, right);
    const ticks = ticksOf(x[0], x[1], xTicks);
    lines(ctx, palette.grid, ticks.map(({ value }) => [at(value), top, at(value), bottom]));
    ctx.font = FONT;
    const limit = xName ? right - ctx.measureText(xName).width - 8 : Infinity; // where the name begins
    for (const { value, text: label } of ticks) {
      const half = ctx.measureText(label).width / 2;
      const place = clamp(at(value), left + half - 6, right - half + 6);
      if (place + half < limit) text(ctx, label, place, bottom + 12, { color: palette.faint, align: "center" });
    }
  }
  lines(ctx, palette.line, [[left, bottom, right, bottom], [left, top, left, bottom]]);
  if (xName) text(ctx, xName, right, bottom + 12, { color: palette.muted, align: "right" });
  if (yName) text(ctx, yName, left + 6, top + 8, { color: palette.muted });
}

/** The box of a small plot, with room for its names. */
export const smallBox = (width, height) => ({ left: 40, right: width - 10, top: 8, bottom: height - 24 });
