// Lines of the network over its last seconds.

import { niceStep, numberText } from "../base/numbers.js";
import { axes } from "./axes.js";
import { BOLD, clipTo, strokePoints, text } from "./pen.js";
import { scaleOf } from "./scales.js";

export const SCROLL = { left: 62, right: 12 };

export function drawScroll(ctx, width, height, palette, { series, range, name, label, ratio, column, last }) {
  const box = { left: SCROLL.left, right: width - SCROLL.right, top: 6, bottom: height - (last ? 22 : 6) };
  axes(ctx, box, palette, { y: range, yTicks: 3 });
  const yAt = scaleOf(...range, box.bottom, box.top);
  ctx.save();
  clipTo(ctx, box);
  ctx.lineWidth = 1.25;
  ctx.lineJoin = "bevel";
  for (const { values, color } of series) {
    ctx.strokeStyle = color;
    strokePoints(ctx, values.length, (i) => box.right - (values.length - i) / ratio, (i) => yAt(values[i]));
  }
  ctx.restore();
  ctx.font = BOLD;
  text(ctx, name, box.left + 8, box.top + 8, { color: palette.ink, font: BOLD });
  text(ctx, label, box.left + 14 + ctx.measureText(name).width, box.top + 8, { color: palette.muted });
  if (!last) return;
  const span = ((box.right - box.left) * ratio * column) / 1000; // s
  const step = niceStep(span / 5);
  for (let back = 0; back <= span; back += step) {
    const x = box.right - (back / span) * (box.right - box.left);
    const content = back === 0 ? "now" : `−${numberText(back, 3)} s`;
    if (back && x - 18 < box.left) break;
    text(ctx, content, x, box.bottom + 12, { color: palette.faint, align: back === 0 ? "right" : "center" });
  }
}
