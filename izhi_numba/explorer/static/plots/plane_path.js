// The run in the phase plane, its fixed points, and the dot.

import { clamp } from "../base/numbers.js";
import { pathInPlane } from "../data/plane.js";
import { pathIndex, pathValue } from "../data/trace.js";
import { clipTo, dot, strokePoints } from "./pen.js";
import { planeFrame } from "./plane_frame.js";

/** The run in the phase plane; the fixed points, which should not be hidden by it, come after. */
export function drawPlanePath(ctx, width, height, palette, { plane, trace, start }) {
  const frame = planeFrame(plane, width, height);
  const { box, xAt, yAt } = frame;
  ctx.save();
  clipTo(ctx, box);
  ctx.strokeStyle = palette.path;
  ctx.lineWidth = 1.1;
  ctx.lineJoin = "bevel";
  const [x, y, count] = pathInPlane(plane, trace);
  if (count) strokePoints(ctx, count, (i) => xAt(x[i]), (i) => yAt(y[i]));
  ctx.restore();
  if (start) {
    ctx.beginPath();
    ctx.arc(xAt(start.x), yAt(start.y), 4, 0, 2 * Math.PI);
    ctx.strokeStyle = palette.accent;
    ctx.lineWidth = 2;
    ctx.stroke();
  }
  for (const point of plane.fixed) {
    const inside = point.x >= plane.x.low && point.x <= plane.x.high && point.y >= plane.y.low && point.y <= plane.y.high;
    if (inside) drawFixedPoint(ctx, xAt(point.x), yAt(point.y), point, palette);
  }
}

/** Filled: stable; half: saddle; open: unstable. */
function drawFixedPoint(ctx, x, y, { stable, kind }, palette, radius = 5.5) {
  ctx.beginPath();
  ctx.arc(x, y, radius, 0, 2 * Math.PI);
  ctx.fillStyle = stable ? palette.ink : palette.panel;
  ctx.fill();
  ctx.strokeStyle = palette.ink;
  ctx.lineWidth = 1.75;
  ctx.stroke();
  if (stable || !kind.startsWith("saddle")) return;
  ctx.beginPath();
  ctx.arc(x, y, radius, Math.PI / 2, 1.5 * Math.PI);
  ctx.fillStyle = palette.ink;
  ctx.fill();
}

export function drawPlaneDot(ctx, width, height, palette, { plane, trace, time }) {
  if (time === null) return;
  const { box, xAt, yAt } = planeFrame(plane, width, height);
  const index = pathIndex(trace.path, time);
  let [x, y] = [NaN, NaN];
  if (plane.along) {
    const [along, rate, count] = pathInPlane(plane, trace);
    let k = Math.min(index, count - 1);
    while (k > 0 && !Number.isFinite(rate[k])) k--;
    [x, y] = [along[k], rate[k]];
  } else {
    [x, y] = [plane.x, plane.y].map(({ name }) => pathValue(trace.path, 1 + trace.names.indexOf(name), index, time));
  }
  const [px, py] = [clamp(xAt(x), box.left, box.right), clamp(yAt(y), box.top, box.bottom)];
  if (Number.isFinite(px + py)) dot(ctx, px, py, palette.variables[0], palette, 5);
}
