// Histogram of the intervals between spikes.

import { numberText } from "../base/numbers.js";
import { axes, smallBox } from "./axes.js";
import { lines, text } from "./pen.js";
import { scaleOf, ticksOf } from "./scales.js";

export function drawIntervals(ctx, width, height, palette, { counts, edges }) {
  const box = smallBox(width, height);
  if (!counts.length) {
    lines(ctx, palette.line, [[box.left, box.bottom, box.right, box.bottom]]);
    text(ctx, "fewer than two spikes", (box.left + box.right) / 2, (box.top + box.bottom) / 2, { color: palette.faint, align: "center" });
    return;
  }
  const highest = Math.max(1, ...counts);
  const y = [0, highest * 1.08];
  axes(ctx, box, palette, { x: edges, xTicks: (box.right - box.left) / 55, xName: "ms" });
  const yAt = scaleOf(...y, box.bottom, box.top);
  const ticks = ticksOf(0, highest, 3).filter(({ value }) => Number.isInteger(value));
  for (const { value } of ticks) text(ctx, numberText(value), box.left - 6, yAt(value), { color: palette.faint, align: "right" });
  const wide = (box.right - box.left) / counts.length;
  ctx.fillStyle = palette.variables[0];
  counts.forEach((count, i) => {
    if (count) ctx.fillRect(box.left + i * wide + 0.5, yAt(count), Math.max(1, wide - 1), box.bottom - yAt(count));
  });
}
