// The pool in pictures: its spikes, its rates, and the voltage of the neuron that is watched.

import { h } from "../base/dom.js";
import { neuronOfRow, rowOfNeuron } from "../data/pool_rows.js";
import { SteadyRanges } from "../data/ranges.js";
import { Scroll, smoothed } from "../data/series.js";
import { Plot } from "../plots/plot.js";
import { Raster } from "../plots/raster.js";
import { drawScroll, POOL } from "../plots/scroll.js";

const SMOOTH = 5; // ms over which drawn rates are averaged
const LEAST_RATE = 5; // Hz at the top of the axis
const USUAL_VOLTAGES = [-80, 30]; // mV, which the axis has at least

export function poolPlots({ store, palette, pool }) {
  const ranges = new SteadyRanges();
  const empty = h("div", { class: "empty" }, h("p", {}, "A thousand neurons and more, live: start them, and turn what drives them."));
  const raster = new Raster(palette, (row) => pool.watch(neuronOfRow(row, raster.rows, store.state.frame.header)));
  const rates = new Plot("rates", "firing rates of excitatory and inhibitory neurons over time", { base: drawRates }, palette, resize);
  const trace = new Plot("watched", "voltage of the watched neuron over time", { base: drawVoltage }, palette);
  let exc = new Scroll(1, 1, Float32Array, NaN);
  let inh = exc;
  let voltage = exc;

  const screenRatio = () => window.devicePixelRatio || 1;

  /** As many values as the screen has pixels. */
  function resize() {
    const width = Math.round((rates.width - POOL.left - POOL.right) * screenRatio());
    if (width < 1 || width === exc.width) return;
    [exc, inh, voltage] = [exc, inh, voltage].map((scroll) => scroll.resized(width));
    raster.resize(width);
    draw();
  }

  function draw() {
    raster.draw();
    rates.draw();
    trace.draw();
  }

  function drawRates(ctx, width, height, colors) {
    const series = [[inh, colors.inh], [exc, colors.exc]].map(([scroll, color]) => ({ values: smoothed(scroll.data, SMOOTH), color }));
    let highest = LEAST_RATE;
    for (const { values } of series) for (const value of values) if (value > highest) highest = value;
    const range = [0, ranges.fit("rates", 0, highest)[1]];
    drawScroll(ctx, width, height, colors, { series, range, name: "rate", label: "Hz", ratio: screenRatio() });
  }

  function drawVoltage(ctx, width, height, colors) {
    let [low, high] = USUAL_VOLTAGES;
    for (const value of voltage.data) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
    const series = [{ values: voltage.data, color: colors.variables[0] }];
    const label = `mV, neuron ${pool.now.watched}`;
    drawScroll(ctx, width, height, colors, { series, range: ranges.fit("v", low, high), name: "v", label, ratio: screenRatio(), last: true });
  }

  function receive({ header, arrays }) {
    const { ms, watched } = header;
    const rows = arrays.raster.shape[1];
    const values = arrays.rates.data;
    resize();
    raster.shape(rows, header.rows_exc, header.n / rows);
    raster.push(arrays.raster.data, ms);
    exc.push(values.subarray(0, ms));
    inh.push(values.subarray(ms, 2 * ms));
    if (watched !== pool.now.watched) voltage.data.fill(NaN); // it was another neuron's
    voltage.push(arrays.v.data);
    rates.draw();
    trace.draw();
    if (watched !== pool.now.watched || raster.mark.hidden) raster.markRow(rowOfNeuron(watched, rows, header));
  }

  return {
    element: h("div", { class: "pool-plots" }, raster.element, rates.element, trace.element, empty),
    update(state, changed) {
      if (changed.has("theme")) draw();
      if (changed.has("pool")) empty.hidden = state.frame !== null || state.pool.state !== "stopped";
      if (changed.has("frame") && state.frame) receive(state.frame);
    },
    stop() {
      rates.stop();
      trace.stop();
    },
  };
}
