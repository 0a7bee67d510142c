// Spectrum of the network's rate.

import { finite, shown } from "../base/numbers.js";
import { axes, smallBox } from "./axes.js";
import { clipTo, lines, strokePoints, text } from "./pen.js";
import { scaleOf } from "./scales.js";

/** `ranges` keeps the scale of the power steady; a dashed line has what independent spikes would have. */
export function drawSpectrum(ctx, width, height, palette, { power, step, peak, independent }, ranges) {
  const box = smallBox(width, height);
  if (!power) {
    lines(ctx, palette.line, [[box.left, box.bottom, box.right, box.bottom]]);
    return text(ctx, "after the first second", (box.left + box.right) / 2, (box.top + box.bottom) / 2, { color: palette.faint, align: "center" });
  }
  const x = [0, (power.length - 1) * step];
  let highest = 0;
  for (let i = 1; i < power.length; i++) highest = Math.max(highest, power[i]);
  const y = [0, ranges.fit("power", 0, highest, 0.15)[1]];
  axes(ctx, box, palette, { x, y, xTicks: 4, yTicks: 3, xName: "Hz" });
  const [xAt, yAt] = [scaleOf(...x, box.left, box.right), scaleOf(...y, box.bottom, box.top)];
  lines(ctx, palette.faint, [[box.left, yAt(independent), box.right, yAt(independent)]], [3, 3]);
  ctx.save();
  clipTo(ctx, box);
  ctx.strokeStyle = palette.variables[0];
  ctx.lineWidth = 1.5;
  strokePoints(ctx, power.length - 1, (i) => xAt((i + 1) * step), (i) => yAt(power[i + 1]));
  ctx.restore();
  if (!finite(peak)) return;
  lines(ctx, palette.muted, [[xAt(peak), box.top, xAt(peak), box.bottom]]);
  const right = xAt(peak) < (box.left + box.right) / 2;
  text(ctx, `${shown(peak, 3)} Hz`, xAt(peak) + (right ? 5 : -5), box.top + 8, { color: palette.ink, align: right ? "left" : "right" });
}
