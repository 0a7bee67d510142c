// What lies over the traces: the dot, and the values at the pointer.

import { shown } from "../base/numbers.js";
import { pathIndex, pathValue } from "../data/trace.js";
import { dot, FONT, lines, text } from "./pen.js";
import { TRACE, traceColor } from "./trace_frame.js";

export function drawTraceMarks(ctx, width, height, palette, { trace, frame, time, hover }) {
  const { panels, xAt } = frame;
  const [top, bottom] = [panels[0].top, panels.at(-1).bottom];
  if (hover !== null) {
    const x = xAt(hover);
    lines(ctx, palette.faint, [[x, top, x, bottom]], [3, 3]);
    drawHover(ctx, palette, trace, panels, hover, x);
  }
  if (time === null) return;
  const x = xAt(time);
  if (x < TRACE.left || x > width - TRACE.right) return;
  lines(ctx, palette.muted, [[x, top, x, bottom]]);
  const index = pathIndex(trace.path, time);
  for (const panel of panels) {
    for (const name of panel.names) {
      if (name === "I") continue;
      const y = panel.yAt(pathValue(trace.path, 1 + trace.names.indexOf(name), index, time));
      if (Number.isFinite(y)) dot(ctx, x, y, traceColor(trace, name, palette), palette);
    }
  }
}

function drawHover(ctx, palette, trace, panels, t, x) {
  const index = pathIndex(trace.path, t);
  const parts = [[`t ${shown(t, 4)}`, palette.muted]];
  for (const name of trace.names) {
    if (name !== "I") parts.push([`${name} ${shown(pathValue(trace.path, 1 + trace.names.indexOf(name), index, t), 4)}`, traceColor(trace, name, palette)]);
  }
  ctx.font = FONT;
  const wide = parts.reduce((sum, [content]) => sum + ctx.measureText(content).width + 8, 4);
  const right = panels[0].right;
  let at = x + 8 + wide > right ? x - 8 - wide : x + 8;
  const y = panels[0].top + 10;
  ctx.fillStyle = palette.panel;
  ctx.globalAlpha = 0.9;
  ctx.fillRect(at, y - 9, wide, 18);
  ctx.globalAlpha = 1;
  at += 6;
  for (const [content, color] of parts) {
    text(ctx, content, at, y, { color });
    at += ctx.measureText(content).width + 8;
  }
}
