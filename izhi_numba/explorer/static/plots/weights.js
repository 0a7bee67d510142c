// Histogram of the weights of a projection: as it is, and as it was at first.

import { numberText, shown } from "../base/numbers.js";
import { axes, smallBox } from "./axes.js";
import { lines, text } from "./pen.js";
import { scaleOf, ticksOf } from "./scales.js";

export function drawWeights(ctx, width, height, palette, { counts, before, edges, mean, color, learns }) {
  const box = smallBox(width, height);
  const highest = Math.max(1, ...counts, ...(before ?? []));
  const y = [0, highest * 1.25]; // with room for the mean
  axes(ctx, box, palette, { x: edges, xTicks: (box.right - box.left) / 80 });
  const [xAt, yAt] = [scaleOf(...edges, box.left, box.right), scaleOf(...y, box.bottom, box.top)];
  for (const { value } of ticksOf(0, highest, 2)) {
    text(ctx, numberText(value, 3), box.left - 6, yAt(value), { color: palette.faint, align: "right" });
  }
  const wide = (box.right - box.left) / counts.length;
  ctx.fillStyle = color;
  counts.forEach((count, i) => {
    if (count) ctx.fillRect(box.left + i * wide, yAt(count), Math.max(1, wide - 0.5), box.bottom - yAt(count));
  });
  if (learns && before) {
    ctx.strokeStyle = palette.frozen;
    ctx.lineWidth = 1.25;
    ctx.beginPath();
    before.forEach((count, i) => {
      ctx.lineTo(box.left + i * wide, yAt(count));
      ctx.lineTo(box.left + (i + 1) * wide, yAt(count));
    });
    ctx.stroke();
  }
  if (mean === null) return;
  lines(ctx, palette.ink, [[xAt(mean), box.top, xAt(mean), box.bottom]], [3, 3]);
  const right = xAt(mean) < (box.left + box.right) / 2;
  text(ctx, `mean ${shown(mean, 3)}`, xAt(mean) + (right ? 5 : -5), box.top + 8, { color: palette.ink, align: right ? "left" : "right" });
}
