// The phase plane without a run: the vector field and the nullclines.

import { named, signed } from "../base/numbers.js";
import { axes } from "./axes.js";
import { clipTo, FONT, lines, strokePoints, text } from "./pen.js";
import { planeFrame } from "./plane_frame.js";

export function drawPlane(ctx, width, height, palette, plane) {
  const frame = planeFrame(plane, width, height);
  const { box, yAt } = frame;
  axes(ctx, box, palette, { x: [plane.x.low, plane.x.high], y: [plane.y.low, plane.y.high], xTicks: 5, yTicks: 5,
    xName: named(plane.x.name, signed(plane.x.unit)) });
  ctx.save();
  clipTo(ctx, box);
  if (plane.field) drawField(ctx, plane, frame, palette);
  if (plane.form === "line") lines(ctx, palette.muted, [[box.left, yAt(0), box.right, yAt(0)]]);
  drawNullclines(ctx, plane, frame, palette);
  ctx.restore();
  const name = named(plane.y.name, signed(plane.y.unit));
  ctx.font = FONT;
  ctx.fillStyle = palette.panel;
  ctx.globalAlpha = 0.85;
  ctx.fillRect(box.left + 2, box.top, ctx.measureText(name).width + 8, 17);
  ctx.globalAlpha = 1;
  text(ctx, name, box.left + 6, box.top + 9, { color: palette.muted });
}

function drawField(ctx, plane, { box, xAt, yAt }, palette) {
  if (!plane.field) return;
  const { data, shape: [rows, columns] } = plane.field;
  const [wide, high] = [box.right - box.left, box.bottom - box.top];
  const length = 0.62 * Math.min(wide / columns, high / rows);
  ctx.beginPath();
  for (let row = 0; row < rows; row++) {
    const y = yAt(plane.field_y[0] + ((plane.field_y[1] - plane.field_y[0]) * row) / (rows - 1));
    for (let column = 0; column < columns; column++) {
      const k = 2 * (row * columns + column);
      let [dx, dy] = [data[k] * wide, -data[k + 1] * high];
      const size = Math.hypot(dx, dy);
      if (!(size > 0)) continue;
      dx *= length / size;
      dy *= length / size;
      const x = xAt(plane.field_x[0] + ((plane.field_x[1] - plane.field_x[0]) * column) / (columns - 1));
      const [tipX, tipY] = [x + dx / 2, y + dy / 2];
      ctx.moveTo(x - dx / 2, y - dy / 2);
      ctx.lineTo(tipX, tipY);
      ctx.moveTo(tipX - 0.3 * dx - 0.2 * dy, tipY - 0.3 * dy + 0.2 * dx);
      ctx.lineTo(tipX, tipY);
      ctx.lineTo(tipX - 0.3 * dx + 0.2 * dy, tipY - 0.3 * dy - 0.2 * dx);
    }
  }
  ctx.strokeStyle = palette.arrow;
  ctx.lineWidth = 1;
  ctx.stroke();
}

function drawNullclines(ctx, plane, { xAt, yAt }, palette) {
  ctx.lineJoin = "round";
  plane.lines.forEach(({ data, of }) => {
    const line = plane.nullclines[of];
    ctx.strokeStyle = nullclineColor(plane, line, palette);
    ctx.globalAlpha = line.dashed ? 0.55 : 1;
    ctx.lineWidth = line.dashed ? 1.25 : 2;
    ctx.setLineDash(line.dashed ? [5, 4] : []);
    strokePoints(ctx, data.length / 2, (i) => xAt(data[2 * i]), (i) => yAt(data[2 * i + 1]));
  });
  ctx.setLineDash([]);
  ctx.globalAlpha = 1;
}

export const nullclineColor = (plane, line, palette) =>
  plane.form === "line" ? palette.variables[0] : palette.variables[Math.max(0, plane.names.indexOf(line.name)) % palette.variables.length];
