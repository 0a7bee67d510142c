// The two small plots: rate against current, and the intervals between spikes.

import { card } from "../base/controls.js";
import { h } from "../base/dom.js";
import { SteadyRanges } from "../data/ranges.js";
import { drawCurve } from "../plots/curve.js";
import { drawIntervals } from "../plots/intervals.js";
import { Plot } from "../plots/plot.js";
import { key } from "./legend.js";

export function curveView({ store, palette }) {
  const ranges = new SteadyRanges();
  const { state } = store;
  const plot = new Plot("curve", "firing rate against constant current; the present current is marked", {
    base: (...canvas) => state.curve !== null && drawCurve(...canvas, { curve: state.curve, ranges }),
  }, palette);
  return {
    element: card("Rate against current", plot.element,
      h("div", { class: "legend" }, key("main", "after 200 ms"), key("dashed", "first interval"))),
    plot,
    update(_, changed) {
      if (changed.has("taken")) ranges.clear();
      if (changed.has("theme") || changed.has("curve")) plot.draw();
    },
    stop: () => plot.stop(),
  };
}

export function intervalsView({ store, palette }) {
  const { state } = store;
  const plot = new Plot("intervals", "histogram of the intervals between spikes", {
    base: (...canvas) => state.trace !== null && drawIntervals(...canvas, state.intervals),
  }, palette);
  return {
    element: card("Intervals", plot.element),
    plot,
    update(_, changed) {
      if (changed.has("theme") || changed.has("trace")) plot.draw();
    },
    stop: () => plot.stop(),
  };
}
