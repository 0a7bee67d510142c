// Beside the pictures of a network: rates of its populations, a map, the spectrum, weights.

import { card } from "../base/controls.js";
import { h } from "../base/dom.js";
import { finite, numberText } from "../base/numbers.js";
import { SteadyRanges } from "../data/ranges.js";
import { drawDark, drawLight, MapOfNeurons } from "../plots/map.js";
import { Plot } from "../plots/plot.js";
import { drawSpectrum } from "../plots/spectrum.js";
import { drawWeights } from "../plots/weights.js";
import { key } from "./legend.js";

const rateText = (value) => (finite(value) ? `${value.toFixed(1)} Hz` : "–");
const CLICK = 4; // pixels that a hand may move in a click
const TURN = 0.008; // radians per pixel

export function networkSide({ palette, network, store, colors }) {
  const ranges = new SteadyRanges();
  const list = h("div", { class: "populations", role: "group", "aria-label": "populations" });
  const peak = h("b", { "data-name": "peak" }, "–");
  const spectrum = new Plot("spectrum", "power spectrum of the rate of all neurons", { base: (...canvas) => drawSpectrum(...canvas, power, ranges) }, palette);
  const weights = new Plot("weights", "histogram of the weights of the projection that is chosen", { base: drawHistogram }, palette);
  const places = new Plot("places", "neurons at their places, lit when they spike; press to make those around spike", {
    dark: (ctx, wide, high) => {
      map?.place(wide, high);
      if (map) drawDark(ctx, map, shades());
    },
    light: (ctx) => map && drawLight(ctx, map, shades()),
  }, palette);
  const weightsTitle = h("span", { class: "muted" });
  const weightsCard = card("Weights", weightsTitle, weights.element);
  const hint = h("p", { class: "muted" });
  const mapCard = card("Map", places.element, hint);
  let power = {}; // after the first second
  let description = null;
  let map = null;
  let rows = [];

  const shades = () => colors(description.populations);

  followHand(places.element, {
    turn(byX, byY) {
      if (!map || map.flat) return;
      map.turn(byX * TURN, byY * TURN);
      places.draw();
    },
    press(x, y) {
      const place = map?.at(x, y) ?? -1;
      if (place >= 0) network.act("poke", { place });
    },
  });

  function begin(told) {
    const before = description;
    description = told;
    const same = before && !told.network && before.populations.length === told.populations.length;
    if (!same) {
      power = {};
      ranges.clear();
      spectrum.draw();
    }
    showList();
    mapCard.hidden = told.map === null;
    if (told.map === null) map = null;
    else if (!same || !map || map.n !== told.arrays.of.data.length) {
      map = new MapOfNeurons({ places: told.arrays.places.data, of: told.arrays.of.data, flat: told.map.flat });
    }
    hint.textContent = `Press a place to make its neurons spike.${told.map?.flat === false ? " Drag to turn it." : ""}`;
    weightsCard.hidden = !told.links.length;
    places.draw();
  }

  function showList() {
    const all = shades();
    rows = description.populations.map(({ title, size, kind, silenced }, k) => {
      const rate = h("b", {}, rateText(store.state.frame ? store.state.pace?.rates[k] : null));
      const swatch = h("i", { class: "point" });
      swatch.style.background = swatch.style.borderColor = all[k];
      const row = h("button", { type: "button", class: "population", onclick: () => network.choosePopulation(k) },
        swatch, h("span", { class: "name" }, title), h("span", { class: "muted" }, silenced ? "silenced" : size.toLocaleString("en")), rate);
      row.title = `${title}: ${size.toLocaleString("en")} ${kind === "source" ? "sources of spikes" : "neurons"}`;
      return { row, rate };
    });
    list.replaceChildren(...rows.map(({ row }) => row));
  }

  function drawHistogram(ctx, wide, high, theme) {
    const found = store.state.weights;
    if (!found || !description?.links[found.header.link]) return;
    const { header, arrays } = found;
    const color = description.links[header.link].kind === "inh" ? theme.inh : theme.exc;
    drawWeights(ctx, wide, high, theme, { counts: [...arrays.counts.data], before: arrays.before ? [...arrays.before.data] : null, edges: header.edges, mean: header.mean, color, learns: header.learns });
    weightsTitle.textContent = `${description.links[header.link].title}, ${header.n.toLocaleString("en")} synapses`;
  }

  function receive({ header, arrays }) {
    if (map && arrays.lit) {
      map.lightUp(arrays.lit.data, header.columns * description.column);
      places.draw("light");
    }
    if (!arrays.spectrum) return;
    power = { power: arrays.spectrum.data, step: header.spectrum_step, peak: header.peak_hz, independent: header.independent };
    spectrum.draw();
  }

  return {
    element: h("div", { class: "network-side" },
      card("Rates", list),
      mapCard,
      card("Rhythm", h("div", { class: "readout" }, h("span", {}, "strongest"), peak), spectrum.element,
        h("div", { class: "legend" }, key("main", "power of the rate, Hz²/Hz"), key("dashed", "if they spiked independently"))),
      weightsCard),
    pictures: () => [...(map ? [places] : []), ...(store.state.weights ? [weights] : []), spectrum],
    update(state, changed) {
      const told = state.network?.description;
      if (changed.has("network") && told && told !== description) begin(told);
      if (changed.has("network") && told) rows.forEach(({ row }, k) => row.setAttribute("aria-pressed", String(k === state.network.population)));
      if (changed.has("theme") && description) {
        showList();
        for (const one of [spectrum, weights, places]) one.draw();
      }
      if (changed.has("weights") && state.weights) weights.draw();
      if (changed.has("frame") && state.frame && description) receive(state.frame);
      if (changed.has("pace") && state.frame && state.pace.rates.length === rows.length) {
        rows.forEach(({ rate }, k) => (rate.textContent = rateText(state.pace.rates[k])));
        const hertz = state.frame.header.peak_hz;
        peak.textContent = finite(hertz) ? `${numberText(hertz, 3)} Hz` : "none";
      }
    },
    stop() {
      for (const one of [spectrum, weights, places]) one.stop();
    },
  };
}

/** A drag turns, a press that stays where it is pokes. */
function followHand(element, { turn, press }) {
  let from = null;
  let moved = 0;
  element.addEventListener("pointerdown", (event) => {
    from = [event.clientX, event.clientY];
    moved = 0;
    element.setPointerCapture(event.pointerId);
  });
  element.addEventListener("pointermove", (event) => {
    if (!from) return;
    const [x, y] = [event.clientX, event.clientY];
    moved += Math.abs(x - from[0]) + Math.abs(y - from[1]);
    if (moved > CLICK) turn(x - from[0], y - from[1]);
    from = [x, y];
  });
  element.addEventListener("pointerup", (event) => {
    const box = element.getBoundingClientRect();
    if (from && moved <= CLICK) press(event.clientX - box.left, event.clientY - box.top);
    from = null;
  });
  element.addEventListener("pointercancel", () => (from = null));
}
