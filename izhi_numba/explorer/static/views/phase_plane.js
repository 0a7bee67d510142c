// The phase plane, what its lines and points mean, and a start at a click.

import { h } from "../base/dom.js";
import { shown } from "../base/numbers.js";
import { startInPlane } from "../data/plane.js";
import { drawPlane, nullclineColor } from "../plots/plane.js";
import { placeInPlane, planeFrame } from "../plots/plane_frame.js";
import { drawPlaneDot, drawPlanePath } from "../plots/plane_path.js";
import { Plot } from "../plots/plot.js";
import { key } from "./legend.js";

export function phasePlaneView({ store, palette, neuron }) {
  const { state } = store;
  const when = (draw) => (...canvas) => state.trace !== null && state.plane !== null && draw(...canvas);
  const plot = new Plot("plane", "phase plane; click to start there", {
    base: when((...canvas) => drawPlane(...canvas, state.plane)),
    path: when((...canvas) => drawPlanePath(...canvas, { plane: state.plane, trace: state.trace, start: startInPlane(state.plane, state.settings.start) })),
    dot: when((...canvas) => drawPlaneDot(...canvas, { plane: state.plane, trace: state.trace, time: state.time })),
  }, palette, show);
  const title = h("h2", {}, "Phase plane");
  const legend = h("div", { class: "legend" });

  plot.element.addEventListener("click", (event) => {
    if (!state.plane) return;
    const box = plot.element.getBoundingClientRect();
    const place = placeInPlane(state.plane, plot.width, plot.height, event.clientX - box.left, event.clientY - box.top);
    if (place) neuron.set("start", { ...state.settings.start, ...place });
  });

  function show() {
    const { plane } = state;
    if (!plane || !plot.width) return;
    const { xAt, yAt } = planeFrame(plane, plot.width, plot.height);
    title.textContent = plane.title;
    legend.replaceChildren(...keysOfLines(plane, palette()), ...keysOfPoints(plane));
    store.change({ fixed: plane.fixed.map(({ x, y, kind }) => ({ x, y, px: xAt(x), py: yAt(y), kind })) });
  }

  return {
    element: h("section", { class: "card" }, h("header", {}, title, h("span", { class: "muted" }, "click to start there")), plot.element, legend),
    plot,
    update(_, changed) {
      if (changed.has("theme") || changed.has("plane")) plot.draw();
      else if (changed.has("trace")) plot.draw("path", "dot");
      else if (changed.has("time")) plot.draw("dot");
      if (changed.has("plane")) show();
    },
    stop() {
      plot.stop();
    },
  };
}

function keysOfLines(plane, palette) {
  const solid = plane.nullclines.filter((line) => !line.dashed);
  const nameOf = ({ name }) => (plane.form === "plane" ? `${name}-nullcline` : name);
  const entries = solid.map((line) => key("", nameOf(line), nullclineColor(plane, line, palette)));
  const dashed = plane.nullclines.find((line) => line.dashed);
  if (dashed) entries.push(key("dashed", `${nameOf(dashed)} at I = ${shown(dashed.current)}`, nullclineColor(plane, dashed, palette)));
  return entries;
}

function keysOfPoints(plane) {
  if (!plane.fixed.length) return [h("span", { class: "key muted" }, plane.told)];
  return plane.fixed.map(({ x, y, kind, stable }) => {
    const mark = h("i", { class: `point ${stable ? "stable" : kind.startsWith("saddle") ? "saddle" : "unstable"}` });
    const place = plane.form === "plane" ? `${shown(x)}, ${shown(y)}` : shown(x);
    return h("span", { class: "key" }, mark, `${kind} at ${place}`);
  });
}
