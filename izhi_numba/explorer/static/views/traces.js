// Traces over time, and the hand on them.

import { later } from "../base/delay.js";
import { clamp, finite } from "../base/numbers.js";
import { SteadyRanges } from "../data/ranges.js";
import { Plot } from "../plots/plot.js";
import { scaleOf } from "../plots/scales.js";
import { columnsOf, TRACE, traceFrame } from "../plots/trace_frame.js";
import { drawTraceMarks } from "../plots/trace_marks.js";
import { drawTraces } from "../plots/traces.js";

const FIT_AFTER = 150; // ms without another size, after which there are as many columns as pixels again

export function tracesView({ store, palette, neuron }) {
  const ranges = new SteadyRanges();
  const askAgain = later(() => neuron.settings && neuron.ask(neuron.settings), FIT_AFTER);
  let frame = null; // where what is drawn has its panels
  const plot = new Plot("traces", "voltage, other variables and current over time", { base: drawBase, marks: drawMarks }, palette, askAgain);
  const { element } = plot;

  function drawBase(ctx, width, height, colors) {
    const { trace, frozen, settings } = store.state;
    if (!trace) return;
    frame = traceFrame(trace, frozen, ranges, plot.width, plot.height);
    drawTraces(ctx, width, height, colors, { trace, frozen, frame, kicks: settings.kicks.filter(finite) });
  }

  function drawMarks(ctx, width, height, colors) {
    const { trace, time, hover } = store.state;
    if (trace) drawTraceMarks(ctx, width, height, colors, { trace, frame, time, hover });
  }

  followPointer(element, {
    trace: () => store.state.trace,
    timeAt(x) {
      const { t0, t1 } = store.state.trace;
      return scaleOf(TRACE.left, plot.width - TRACE.right, t0, t1)(x);
    },
    place(time) {
      const { t0, t1 } = store.state.trace;
      store.change({ time: clamp(time, t0, t1) });
    },
    hover: (hover) => store.change({ hover }),
  });

  return {
    element, plot,
    /** Pixels of the screen along the time axis. */
    columns: () => columnsOf(plot.width || 800, window.devicePixelRatio || 1),
    update(_, changed) {
      if (changed.has("taken")) ranges.clear();
      if (changed.has("theme")) plot.draw();
      else if (changed.has("trace") || changed.has("frozen")) plot.draw("base", "marks");
      else if (changed.has("time") || changed.has("hover")) plot.draw("marks");
    },
    stop() {
      askAgain.cancel();
      plot.stop();
    },
  };
}

/** The mouse shows values where it is; a press places the dot, and drags it. */
function followPointer(element, { trace, timeAt, place, hover }) {
  let dragging = false;
  const at = (event) => timeAt(event.clientX - element.getBoundingClientRect().left);
  const inside = (t) => t >= trace().t0 && t <= trace().t1;
  element.addEventListener("pointerdown", (event) => {
    if (!trace() || !inside(at(event))) return;
    place(at(event));
    dragging = true;
    element.setPointerCapture(event.pointerId);
  });
  element.addEventListener("pointermove", (event) => {
    if (!trace()) return;
    const t = at(event);
    if (dragging) place(t);
    hover(!dragging && event.pointerType === "mouse" && inside(t) ? t : null);
  });
  for (const name of ["pointerup", "pointercancel"]) element.addEventListener(name, () => (dragging = false));
  element.addEventListener("pointerleave", () => trace() && hover(null));
}
