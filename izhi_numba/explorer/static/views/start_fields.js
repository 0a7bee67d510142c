// Where the run starts, a field for each variable.

import { labelled } from "../base/controls.js";
import { h } from "../base/dom.js";
import { onlyNumbers } from "../base/number_fields.js";
import { finite, named, numberText, signed } from "../base/numbers.js";
import { modelNamed } from "../data/catalogue.js";

export function startFields({ catalogue, neuron }) {
  const element = h("div", { class: "pairs" });
  let shownModel = null;
  let shownStart = null; // a start that is typed here needs not be written
  let rows = [];

  function type(name, content) {
    const { [name]: gone, ...others } = neuron.settings.start;
    shownStart = neuron.settings.start;
    if (content.trim() === "") shownStart = others;
    else if (finite(Number(content))) shownStart = { ...others, [name]: Number(content) };
    neuron.set("start", shownStart);
  }

  function showModel(model) {
    shownModel = model.name;
    rows = model.variables.map(({ name, unit, default: rest }) => {
      const placeholder = finite(rest) ? numberText(rest, 4) : "";
      const field = onlyNumbers(h("input", { type: "number", step: "any", inputmode: "decimal", "aria-label": named(`start of ${name}`, unit), placeholder }));
      field.addEventListener("input", () => type(name, field.value));
      return [name, field, labelled(`${name}${unit ? `, ${signed(unit)}` : ""}`, field)];
    });
    element.replaceChildren(...rows.map(([, , row]) => row));
  }

  function show(start) {
    shownStart = start;
    for (const [name, field] of rows) {
      if (field !== document.activeElement) field.value = finite(start[name]) ? numberText(start[name], 6) : "";
    }
  }

  return {
    element,
    update({ settings }, changed) {
      if (!changed.has("settings")) return;
      if (shownModel !== settings.model) showModel(modelNamed(catalogue, settings.model));
      if (changed.has("taken") || settings.start !== shownStart) show(settings.start);
    },
  };
}
