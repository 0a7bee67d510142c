// Where the phase plane has its points.

import { scaleOf } from "./scales.js";

const PLANE = { left: 46, right: 12, top: 10, bottom: 24 };

export function planeFrame(plane, width, height) {
  const box = { left: PLANE.left, right: width - PLANE.right, top: PLANE.top, bottom: height - PLANE.bottom };
  return { box, xAt: scaleOf(plane.x.low, plane.x.high, box.left, box.right), yAt: scaleOf(plane.y.low, plane.y.high, box.bottom, box.top) };
}

/** Values of the variables at a pixel of the plane, by name; null outside of it. */
export function placeInPlane(plane, width, height, x, y) {
  const { box } = planeFrame(plane, width, height);
  if (x < box.left || x > box.right || y < box.top || y > box.bottom) return null;
  const value = (axis, from, to, at) => Number(scaleOf(from, to, axis.low, axis.high)(at).toPrecision(5));
  const place = { [plane.x.name]: value(plane.x, box.left, box.right, x) };
  if (plane.form === "plane") place[plane.y.name] = value(plane.y, box.bottom, box.top, y);
  return place;
}
