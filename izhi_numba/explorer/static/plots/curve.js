// Rate against current.

import { named, signed } from "../base/numbers.js";
import { lineAt } from "../data/curve.js";
import { axes, smallBox } from "./axes.js";
import { clipTo, dot, lines, strokePoints } from "./pen.js";
import { scaleOf } from "./scales.js";

export function drawCurve(ctx, width, height, palette, { curve, ranges }) {
  const box = smallBox(width, height);
  const { currents, rate, firstRate } = curve;
  const x = [currents[0], currents.at(-1)];
  let highest = 1;
  for (const value of [...rate, ...firstRate]) if (value > highest) highest = value;
  const y = [0, ranges.fit("rate", 0, highest, 0.08)[1]];
  axes(ctx, box, palette, { x, y, xTicks: (box.right - box.left) / 55, yTicks: 3, xName: named("I", signed(curve.unit)), yName: "Hz" });
  const [xAt, yAt] = [scaleOf(...x, box.left, box.right), scaleOf(...y, box.bottom, box.top)];
  ctx.save();
  clipTo(ctx, { ...box, top: 0, bottom: height });
  ctx.lineWidth = 1;
  ctx.strokeStyle = palette.faint;
  ctx.setLineDash([3, 3]);
  strokePoints(ctx, currents.length, (i) => xAt(currents[i]), (i) => yAt(firstRate[i]));
  ctx.setLineDash([]);
  ctx.lineWidth = 2;
  ctx.strokeStyle = palette.variables[0];
  strokePoints(ctx, currents.length, (i) => xAt(currents[i]), (i) => yAt(rate[i]));
  ctx.restore();
  if (!(curve.current >= x[0] && curve.current <= x[1])) return;
  const at = xAt(curve.current);
  lines(ctx, palette.current, [[at, box.top, at, box.bottom]]);
  dot(ctx, at, yAt(lineAt(currents, rate, curve.current)), palette.variables[0], palette);
}
