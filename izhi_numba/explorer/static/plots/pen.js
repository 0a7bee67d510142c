// Text, lines and dots on a canvas.

export const FONT = '11px ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, "DejaVu Sans", sans-serif';
export const BOLD = FONT.replace("11px", "600 11px");

export function text(ctx, content, x, y, { color, align = "left", baseline = "middle", font = FONT } = {}) {
  ctx.font = font;
  ctx.fillStyle = color;
  ctx.textAlign = align;
  ctx.textBaseline = baseline;
  ctx.fillText(content, x, y);
}

/** Lines given as [x0, y0, x1, y1], on whole pixels. */
export function lines(ctx, color, list, dash = []) {
  ctx.beginPath();
  for (const [x0, y0, x1, y1] of list) {
    const [shiftX, shiftY] = [x0 === x1 ? 0.5 : 0, y0 === y1 ? 0.5 : 0];
    ctx.moveTo(Math.floor(x0) + shiftX, Math.floor(y0) + shiftY);
    ctx.lineTo(Math.floor(x1) + shiftX, Math.floor(y1) + shiftY);
  }
  ctx.strokeStyle = color;
  ctx.lineWidth = 1;
  ctx.setLineDash(dash);
  ctx.stroke();
  ctx.setLineDash([]);
}

export function dot(ctx, x, y, color, palette, radius = 4.5) {
  ctx.beginPath();
  ctx.arc(x, y, radius, 0, 2 * Math.PI);
  ctx.fillStyle = color;
  ctx.fill();
  ctx.lineWidth = 1.5;
  ctx.strokeStyle = palette.panel;
  ctx.stroke();
}

export function clipTo(ctx, { left, right, top, bottom }) {
  ctx.beginPath();
  ctx.rect(left, top, right - left, bottom - top);
  ctx.clip();
}

/** A line through points; the pen is lifted at NaN. */
export function strokePoints(ctx, count, xOf, yOf) {
  let down = false;
  ctx.beginPath();
  for (let i = 0; i < count; i++) {
    const [x, y] = [xOf(i), yOf(i)];
    if (x !== x || y !== y) down = false;
    else if (down) ctx.lineTo(x, y);
    else {
      ctx.moveTo(x, y);
      down = true;
    }
  }
  ctx.stroke();
}
