// The phase plane, and the run as it goes through it.

import { finite } from "../base/numbers.js";

/** The phase plane that a message brings, for a run of variables with these names. */
export function planeOf(header, arrays, names) {
  const lines = (header.line_of ?? []).map((of, i) => ({ of, data: arrays[`line${i}`].data }));
  return { ...header, lines, names, field: arrays.field, along: arrays.along?.data };
}

/** Where settings start in the plane; null where they do not say, and where the plane has but one variable. */
export function startInPlane(plane, start) {
  if (plane.form !== "plane" || !finite(start[plane.x.name]) || !finite(start[plane.y.name])) return null;
  return { x: start[plane.x.name], y: start[plane.y.name] };
}

/** Coordinates of the run in a plane: two arrays, and how many points. */
export function pathInPlane(plane, trace) {
  if (plane.along) {
    const count = plane.along.length / 2;
    return [plane.along.subarray(0, count), plane.along.subarray(count), count];
  }
  const row = (name) => 1 + trace.names.indexOf(name);
  const [i, j, { data, points }] = [row(plane.x.name), row(plane.y.name), trace.path];
  if (i < 1 || j < 1) return [[], [], 0];
  return [data.subarray(i * points, (i + 1) * points), data.subarray(j * points, (j + 1) * points), points];
}
