// All pictures of a neuron, or of a network, in one, to be saved.

import { h } from "../base/dom.js";
import { BOLD, text } from "./pen.js";

const GAP = 16;
const HEAD = 44;

/** An empty canvas at twice the size, with a title. */
function sheet(title, width, height, palette) {
  const canvas = h("canvas", { width: 2 * width, height: 2 * height });
  const ctx = canvas.getContext("2d");
  ctx.scale(2, 2);
  ctx.fillStyle = palette.panel;
  ctx.fillRect(0, 0, width, height);
  text(ctx, title, GAP, 22, { color: palette.ink, font: BOLD.replace("11px", "14px") });
  return { canvas, ctx };
}

/** A canvas with the plots as they stand in the wide layout, at twice the size, below a title. */
export function wholePicture(title, { traces, plane, curve, intervals }, palette) {
  const right = traces.width + 2 * GAP;
  const below = HEAD + plane.height + 2 * GAP;
  const small = Math.max(curve.height, intervals.height);
  const width = right + Math.max(plane.width, curve.width + GAP + intervals.width) + GAP;
  const height = Math.max(HEAD + traces.height, below + small) + GAP;
  const { canvas, ctx } = sheet(title, width, height, palette);
  traces.drawInto(ctx, GAP, HEAD);
  plane.drawInto(ctx, right, HEAD);
  for (const [name, plot, x] of [["Rate against current", curve, right], ["Intervals", intervals, right + curve.width + GAP]]) {
    text(ctx, name, x + 10, below - 10, { color: palette.ink, font: BOLD });
    plot.drawInto(ctx, x, below);
  }
  return canvas;
}

/** A canvas with pictures above each other, at twice the size, below a title: {width, height, drawInto} each. */
export function stackedPicture(title, parts, palette) {
  const width = Math.max(...parts.map((one) => one.width)) + 2 * GAP;
  const height = HEAD + parts.reduce((sum, one) => sum + one.height + GAP, 0);
  const { canvas, ctx } = sheet(title, width, height, palette);
  let top = HEAD;
  for (const one of parts) {
    one.drawInto(ctx, GAP + width - 2 * GAP - one.width, top);
    top += one.height + GAP;
  }
  return canvas;
}
