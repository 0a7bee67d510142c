// The network in pictures: its spikes, its rates, and the voltages of neurons that are watched.

import { button } from "../base/controls.js";
import { h } from "../base/dom.js";
import { neuronOfRow, rowOfNeuron } from "../data/network_rows.js";
import { SteadyRanges } from "../data/ranges.js";
import { Scroll, smoothed } from "../data/series.js";
import { drawBands } from "../plots/bands.js";
import { Plot } from "../plots/plot.js";
import { Raster } from "../plots/raster.js";
import { drawScroll, SCROLL } from "../plots/scroll.js";
import { key } from "./legend.js";

const SMOOTH = 5; // columns over which drawn rates are averaged
const LEAST_RATE = 5; // Hz at the top of the axis
const PANEL = 78; // pixels of a voltage

export function networkPlots({ store, palette, network, colors }) {
  const ranges = new SteadyRanges();
  const raster = new Raster(colors, (row) => network.act("watch", neuronOfRow(row, raster.populations)));
  const rates = new Plot("rates", "firing rates over time", { base: drawRates }, palette, resize);
  const traces = new Plot("watched", "voltages of the neurons that are watched, over time", { base: drawTraces }, palette);
  const legend = h("div", { class: "legend" });
  const chips = h("div", { class: "watching" });
  let lines = []; // scrolls of rates
  let watched = []; // {population, neuron, band, ticks}
  let description = null;
  let width = 1;

  const screenRatio = () => window.devicePixelRatio || 1;
  const column = () => description?.column ?? 1;

  /** As many values as the screen has pixels. */
  function resize() {
    const wanted = Math.round((rates.width - SCROLL.left - SCROLL.right) * screenRatio());
    if (wanted < 1 || wanted === width) return;
    width = wanted;
    lines = lines.map((one) => one.resized(width));
    watched = watched.map((one) => ({ ...one, band: one.band.resized(width), ticks: one.ticks.resized(width) }));
    raster.resize(width);
    draw();
  }

  function draw() {
    raster.draw();
    rates.draw();
    traces.draw();
    showLegend();
  }

  /** Other populations: all begins anew. */
  function begin(told) {
    const same = description !== null && JSON.stringify(description.populations.map(({ title, size }) => [title, size])) === JSON.stringify(told.populations.map(({ title, size }) => [title, size]));
    description = told;
    if (same && !told.network) return;
    raster.shape(told.populations);
    lines = told.lines.map(() => new Scroll(width, 1, Float32Array, NaN));
    watched = [];
    ranges.clear();
    draw();
  }

  const lineColor = ({ population, kind }, all) => {
    if (population !== undefined) return all[population];
    return { exc: palette().exc, inh: palette().inh, source: palette().variables[2] }[kind];
  };

  function showLegend() {
    if (!description) return;
    const all = colors(description.populations);
    legend.replaceChildren(...description.lines.map((line) => key("main", line.title, lineColor(line, all))));
  }

  function drawRates(ctx, wide, high, theme) {
    if (!description) return;
    const all = colors(description.populations);
    const series = lines.map((scroll, k) => ({ values: smoothed(scroll.data, SMOOTH), color: lineColor(description.lines[k], all) })).reverse();
    let highest = LEAST_RATE;
    for (const { values } of series) for (const value of values) if (value > highest) highest = value;
    const range = [0, ranges.fit("rates", 0, highest)[1]];
    drawScroll(ctx, wide, high, theme, { series, range, name: "rate", label: "Hz", ratio: screenRatio(), column: column(), last: true });
  }

  function drawTraces(ctx, wide, high, theme) {
    if (!description) return;
    const all = colors(description.populations);
    const panels = watched.map(({ population, neuron, band, ticks }) => {
      const { title, voltage, unit } = description.populations[population];
      let [low, top] = [Infinity, -Infinity];
      for (const value of band.data) {
        if (value < low) low = value;
        if (value > top) top = value;
      }
      return { band: band.data, ticks: ticks.data, name: `${title} ${neuron}`, label: [voltage, unit].filter(Boolean).join(", "),
        color: all[population], range: ranges.fit(`${population}:${neuron}`, low, top) };
    });
    drawBands(ctx, wide, high, theme, { panels, ratio: screenRatio() });
  }

  /** Keep what is known of neurons that are watched on; begin others. */
  function follow(pairs) {
    if (pairs.length === watched.length && pairs.every(([population, neuron], k) => watched[k].population === population && watched[k].neuron === neuron)) return;
    watched = pairs.map(([population, neuron]) => watched.find((one) => one.population === population && one.neuron === neuron)
      ?? { population, neuron, band: new Scroll(width, 2, Float32Array, NaN), ticks: new Scroll(width, 1, Uint8Array, 0) });
    traces.element.style.height = `${PANEL * watched.length}px`;
    traces.element.hidden = !watched.length;
    raster.markRows(watched.map(({ population, neuron }) => rowOfNeuron(population, neuron, description.populations)));
    chips.replaceChildren(...watched.map(({ population, neuron }, place) => {
      const name = `${description.populations[population].title} ${neuron}`;
      return h("span", { class: "chip" }, name, button({ icon: "close", label: `watch ${name} no more`, onclick: () => network.act("unwatch", { place }) }));
    }));
  }

  function receive({ header, arrays }) {
    if (!description || arrays.raster.shape[1] !== raster.rows) return; // a frame of what was there before
    const { columns } = header;
    resize();
    raster.push(arrays.raster.data, columns);
    lines.forEach((scroll, k) => scroll.push(arrays.lines.data.subarray(k * columns, (k + 1) * columns)));
    follow(header.watched);
    watched.forEach(({ band, ticks }, k) => {
      band.push(arrays.bands.data.subarray(2 * k * columns, 2 * (k + 1) * columns));
      ticks.push(arrays.ticks.data.subarray(k * columns, (k + 1) * columns));
    });
    rates.draw();
    traces.draw();
  }

  return {
    element: h("div", { class: "network-plots card" }, raster.element, rates.element, legend, traces.element, chips),
    /** Those that a saved picture has. */
    pictures: () => [
      { width: raster.canvas.clientWidth + SCROLL.right, height: raster.canvas.clientHeight, drawInto: (ctx, x, y) => raster.drawInto(ctx, x, y) },
      rates, ...(watched.length ? [traces] : []),
    ],
    update(state, changed) {
      if (changed.has("network") && state.network.description !== description && state.network.description) begin(state.network.description);
      if (changed.has("theme")) draw();
      if (changed.has("page")) resize();
      if (changed.has("frame") && state.frame) receive(state.frame);
    },
    stop() {
      rates.stop();
      traces.stop();
    },
  };
}
