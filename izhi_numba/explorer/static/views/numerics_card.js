// How the run is computed: method, step, duration, noise, start.

import { button, card, labelled, selectOf } from "../base/controls.js";
import { h } from "../base/dom.js";
import { onlyNumbers } from "../base/number_fields.js";
import { finite } from "../base/numbers.js";
import { sliderRow } from "../base/slider.js";
import { modelNamed } from "../data/catalogue.js";
import { baseOf } from "../data/settings.js";
import { startFields } from "./start_fields.js";

const DURATIONS = [50, 100, 150, 200, 250, 300, 400, 500, 650, 800, 1000, 1500, 2000, 3000, 5000, 10000];
const STEPS = [0.005, 0.01, 0.02, 0.025, 0.05, 0.1, 0.2, 0.25, 0.5, 1];
const SEED = "noise is drawn from this number: the same seed, the same noise";
const SPIKE_TIMES = [["grid", "on the grid"], ["interpolated", "interpolated"]];

/** Methods for a model; those that do not suit it say why, and cannot be chosen. */
function schemesOf({ schemes, unsuitable }) {
  const options = schemes.map((name) => h("option", { value: name }, name));
  return [...options, ...Object.entries(unsuitable ?? {}).map(([name, why]) => h("option", { value: name, disabled: true, title: why }, `${name}: ${why}`))];
}

export function numericsCard({ catalogue, neuron }) {
  const start = startFields({ catalogue, neuron });
  const schemeSelect = selectOf("scheme", [], () => neuron.set("scheme", schemeSelect.value));
  const spikeTimesSelect = selectOf("spike times", [["", SPIKE_TIMES]], () => neuron.set("spike_times", spikeTimesSelect.value));
  const row = (name, unit, choices) => sliderRow({ name, label: name, unit, choices }, NaN, (value, event) => neuron.set(name, value, event));
  const rows = { dt: row("dt", "ms", STEPS), duration: row("duration", "ms", DURATIONS) };
  const seed = onlyNumbers(h("input", { type: "number", min: 0, step: 1, "aria-label": "seed", title: SEED }));
  const noiseButton = button({ icon: "noise", text: "new noise", key: "n", label: "new noise", onclick: () => neuron.newNoise() });
  let shownModel = null;
  let shownSeed = null; // a seed that is typed here needs not be written

  seed.addEventListener("input", (event) => {
    if (seed.value === "" || !finite(Number(seed.value))) return;
    shownSeed = Math.round(Number(seed.value));
    neuron.set("seed", shownSeed, event);
  });

  function showSeed(value) {
    shownSeed = value;
    seed.value = value;
  }

  function show(settings) {
    const model = modelNamed(catalogue, settings.model);
    const base = baseOf(settings, catalogue);
    if (shownModel !== model.name) schemeSelect.replaceChildren(...schemesOf(model));
    shownModel = model.name;
    schemeSelect.value = settings.scheme;
    spikeTimesSelect.value = settings.spike_times;
    for (const name of ["dt", "duration"]) rows[name].set(settings[name]);
    rows.dt.setBase(base.dt ?? model.dt);
    rows.duration.setBase(base.duration);
    showSeed(settings.seed);
  }

  return {
    element: card("Numerics", labelled("scheme", schemeSelect), rows.dt.element, rows.duration.element, labelled("spike times", spikeTimesSelect),
      labelled("noise seed", h("div", { class: "join" }, seed, noiseButton)),
      h("details", {}, h("summary", {}, "start of the run"), start.element)),
    update(state, changed) {
      const { settings } = state;
      if (changed.has("taken")) show(settings);
      else if (changed.has("settings") && settings.seed !== shownSeed) showSeed(settings.seed);
      start.update(state, changed);
    },
  };
}
