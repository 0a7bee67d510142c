// Traces over time, a panel for each unit.

import { clamp, signed } from "../base/numbers.js";
import { axes } from "./axes.js";
import { BOLD, FONT, lines, text } from "./pen.js";
import { ticksOf } from "./scales.js";
import { traceColor } from "./trace_frame.js";

export function drawTraces(ctx, width, height, palette, { trace, frozen, frame, kicks }) {
  const { panels, xAt } = frame;
  const first = panels[0];
  const last = panels.at(-1);
  const count = clamp(Math.round((width - 64) / 90), 3, 12);
  for (const panel of panels) {
    axes(ctx, panel, palette, { y: panel.range, yTicks: clamp((panel.bottom - panel.top) / 44, 1, 6),
      ...(panel === last && { x: [trace.t0, trace.t1], xTicks: count, xName: "t, ms" }) });
    if (panel !== last) {
      lines(ctx, palette.grid, ticksOf(trace.t0, trace.t1, count).map(({ value }) => [xAt(value), panel.top, xAt(value), panel.bottom]));
    }
    ctx.save();
    ctx.beginPath();
    ctx.rect(panel.left, panel.top - 4, panel.right - panel.left, panel.bottom - panel.top + 8);
    ctx.clip();
    ctx.lineJoin = "bevel";
    ctx.lineWidth = 1.25;
    if (frozen) {
      ctx.strokeStyle = palette.frozen;
      for (const name of panel.names) strokeBand(ctx, frozen, name, xAt, panel.yAt);
    }
    for (const name of panel.names) {
      ctx.strokeStyle = traceColor(trace, name, palette);
      strokeBand(ctx, trace, name, xAt, panel.yAt);
    }
    ctx.restore();
    drawPanelName(ctx, panel, trace, palette);
  }
  if (frozen) strokeSpikes(ctx, frozen, first, xAt, 2, 8, palette.frozen);
  strokeSpikes(ctx, trace, first, xAt, frozen ? 10 : 6, frozen ? 16 : 15, traceColor(trace, trace.voltage, palette));
  drawKicks(ctx, kicks, last, xAt, palette);
}

/** One line through the least and the largest value of each pixel column, whichever is nearer first. */
function strokeBand(ctx, trace, name, xAt, yAt) {
  const row = trace.names.indexOf(name);
  if (row < 0) return;
  const { band, columns, t0, t1, polyline } = trace;
  const shift = polyline ? 1 : 0.5; // a sample is the end of its step, a column has its middle
  const dx = (xAt(t1) - xAt(t0)) / columns;
  const begin = xAt(t0) + shift * dx;
  let last = NaN;
  ctx.beginPath();
  for (let i = 0, k = 2 * row * columns; i < columns; i++, k += 2) {
    const [low, high] = [band[k], band[k + 1]];
    if (!(low <= high)) {
      last = NaN;
      continue;
    }
    const x = begin + i * dx;
    const rises = !(Math.abs(last - high) < Math.abs(last - low));
    const [first, second] = rises ? [low, high] : [high, low];
    const lean = first === second ? 0 : dx / 4; // a slope without stairs
    if (last !== last) ctx.moveTo(x - lean, yAt(first));
    else ctx.lineTo(x - lean, yAt(first));
    if (lean) ctx.lineTo(x + lean, yAt(second));
    last = second;
  }
  ctx.stroke();
}

function strokeSpikes(ctx, trace, box, xAt, y0, y1, color) {
  ctx.beginPath();
  for (const t of trace.spikeTimes) {
    const x = xAt(t);
    if (x < box.left - 1 || x > box.right + 1) continue;
    ctx.moveTo(x, y0);
    ctx.lineTo(x, y1);
  }
  ctx.strokeStyle = color;
  ctx.lineWidth = 1.5;
  ctx.stroke();
}

function drawPanelName(ctx, panel, trace, palette) {
  let x = panel.left + 8;
  const y = panel.top + 8;
  const unit = trace.units[panel.names[0]];
  const parts = panel.names.map((name) => [name, traceColor(trace, name, palette), BOLD]);
  if (unit) parts.push([signed(unit), palette.muted, FONT]);
  ctx.font = BOLD;
  const wide = parts.reduce((sum, [content]) => sum + ctx.measureText(content).width + 6, 0);
  ctx.globalAlpha = 0.8;
  ctx.fillStyle = palette.panel;
  ctx.fillRect(x - 4, y - 8, wide + 2, 16);
  ctx.globalAlpha = 1;
  for (const [content, color, font] of parts) {
    text(ctx, content, x, y, { color, font });
    x += ctx.measureText(content).width + 6;
  }
}

function drawKicks(ctx, kicks, panel, xAt, palette) {
  ctx.fillStyle = palette.ink;
  for (const t of kicks) {
    const x = xAt(t);
    if (!(x >= panel.left && x <= panel.right)) continue;
    ctx.beginPath();
    ctx.moveTo(x, panel.top - 1);
    ctx.lineTo(x - 4, panel.top - 9);
    ctx.lineTo(x + 4, panel.top - 9);
    ctx.fill();
  }
}
