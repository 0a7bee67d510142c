// Parameters of the model.

import { card } from "../base/controls.js";
import { h } from "../base/dom.js";
import { sliderRow } from "../base/slider.js";
import { modelNamed } from "../data/catalogue.js";
import { baseOf } from "../data/settings.js";

export function modelCard({ catalogue, neuron }) {
  const box = h("div", {});
  const doc = h("pre", { class: "doc" });
  const title = h("p", { class: "muted" });
  let shownModel = null;
  let rows = [];

  function showModel(model, values) {
    shownModel = model.name;
    rows = model.parameters.map((control) => {
      const { name } = control;
      return [name, sliderRow(control, values[name], (value, event) => neuron.setValue(name, value, event))];
    });
    box.replaceChildren(...rows.map(([, row]) => row.element));
    doc.textContent = model.doc.replace(/\n {4}/g, "\n").trim();
    title.textContent = model.title;
  }

  return {
    element: card("Model", box, h("details", {}, h("summary", {}, "about this model"), title, doc)),
    update({ settings }, changed) {
      if (!changed.has("taken")) return;
      if (shownModel !== settings.model) showModel(modelNamed(catalogue, settings.model), settings.values);
      const base = baseOf(settings, catalogue);
      for (const [name, row] of rows) {
        row.set(settings.values[name]);
        row.setBase(base.values[name]);
      }
    },
  };
}
