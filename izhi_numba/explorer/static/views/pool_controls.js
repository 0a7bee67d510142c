// What drives the pool, which neuron is watched, and what its cells are.

import { button, labelled } from "../base/controls.js";
import { h } from "../base/dom.js";
import { sliderRow } from "../base/slider.js";

export function poolControls({ controls, model, pool }) {
  let shown = pool.now.controls; // what is set here needs not be written
  const rows = controls.map((control) => [control.name, sliderRow(control, shown[control.name], (value) => {
    shown = { ...pool.now.controls, [control.name]: value };
    pool.setControls(shown, control.name);
  })]);
  const watchField = h("input", { type: "number", min: 0, step: 1, value: 0, "aria-label": "watched neuron", onchange: watch });
  const cellsButton = button({ text: "make all excitatory cells like the neuron above", class: "wide", onclick: () => pool.makeCells() });
  const paperButton = button({ text: "cells of the paper again", class: "wide quiet", hidden: true, onclick: () => pool.paperCells() });
  const reason = h("p", { class: "muted", hidden: true });
  let written = false; // whether the watched neuron has been written into its field

  function watch() {
    pool.watch(Math.round(Number(watchField.value)) || 0);
  }

  function show({ controls: values, cell, n }) {
    if (values !== shown) for (const [name, row] of rows) row.set(values[name]);
    shown = values;
    paperButton.hidden = cell === null;
    if (n) watchField.max = n - 1;
  }

  /** The pool has cells of one model. */
  function showNeuron(settings) {
    const other = settings.model !== model;
    const why = other ? `The cells of the pool are of ${model}, the neuron above is of ${settings.model}.` : "";
    cellsButton.disabled = other;
    cellsButton.title = reason.textContent = why;
    reason.hidden = !other;
  }

  function showWatched(neuron) {
    if (neuron === pool.now.watched && written) return;
    written = true;
    if (watchField !== document.activeElement) watchField.value = neuron;
  }

  return {
    element: h("div", { class: "pool-controls" }, ...rows.map(([, row]) => row.element), labelled("watched neuron", watchField), cellsButton, reason, paperButton),
    update(state, changed) {
      if (changed.has("pool")) show(state.pool);
      if (changed.has("taken")) showNeuron(state.settings);
      if (changed.has("frame") && state.frame) showWatched(state.frame.header.watched);
    },
  };
}
