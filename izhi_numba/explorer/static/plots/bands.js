// Voltages of the neurons that are watched, a panel each, over the last seconds.

import { signed } from "../base/numbers.js";
import { axes } from "./axes.js";
import { BOLD, clipTo, text } from "./pen.js";
import { scaleOf } from "./scales.js";
import { SCROLL } from "./scroll.js";

const BETWEEN = 8; // pixels between panels

/** `panels` are {band, ticks, name, label, color, range}; a band has the least and the largest value of each column. */
export function drawBands(ctx, width, height, palette, { panels, ratio }) {
  const each = (height - BETWEEN * panels.length) / Math.max(1, panels.length);
  panels.forEach(({ band, ticks, name, label, color, range }, k) => {
    const top = BETWEEN / 2 + k * (each + BETWEEN);
    const box = { left: SCROLL.left, right: width - SCROLL.right, top, bottom: top + each };
    axes(ctx, box, palette, { y: range, yTicks: Math.max(1, Math.min(3, each / 30)) });
    const yAt = scaleOf(...range, box.bottom, box.top);
    const n = ticks.length;
    const xAt = (i) => box.right - (n - i - 0.5) / ratio;
    ctx.save();
    clipTo(ctx, box);
    ctx.strokeStyle = color;
    ctx.lineWidth = 1.25;
    ctx.lineJoin = "bevel";
    ctx.beginPath();
    let last = NaN;
    for (let i = 0; i < n; i++) {
      const [low, high] = [band[2 * i], band[2 * i + 1]];
      if (!(low <= high)) {
        last = NaN;
        continue;
      }
      const rises = !(Math.abs(last - high) < Math.abs(last - low));
      const x = xAt(i);
      if (last !== last) ctx.moveTo(x, yAt(rises ? low : high));
      else ctx.lineTo(x, yAt(rises ? low : high));
      if (low !== high) ctx.lineTo(x, yAt(rises ? high : low));
      last = rises ? high : low;
    }
    ctx.stroke();
    ctx.beginPath();
    for (let i = 0; i < n; i++) {
      if (!ticks[i]) continue;
      ctx.moveTo(xAt(i), box.top);
      ctx.lineTo(xAt(i), box.top + 6);
    }
    ctx.strokeStyle = palette.ink;
    ctx.stroke();
    ctx.restore();
    text(ctx, name, box.left + 8, box.top + 9, { color, font: BOLD });
    ctx.font = BOLD;
    text(ctx, signed(label), box.left + 14 + ctx.measureText(name).width, box.top + 9, { color: palette.muted });
  });
}
