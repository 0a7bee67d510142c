// Which neuron it is, and numbers of its run.

import { h } from "../base/dom.js";
import { modelNamed, presetNamed } from "../data/catalogue.js";
import { baseOf, isModified } from "../data/settings.js";

export function summaryView({ catalogue }) {
  const caption = h("p", { class: "caption" });
  const box = h("div", { class: "readouts" });
  let names = "";
  let values = [];

  function showCaption(settings) {
    const preset = presetNamed(catalogue, settings.preset);
    const modified = isModified(settings, baseOf(settings, catalogue));
    const source = preset ? `${preset.source}${preset.note ? ` — ${preset.note}` : ""}` : modelNamed(catalogue, settings.model).title;
    const word = preset && modified ? h("span", { class: "muted" }, "modified") : "";
    caption.replaceChildren(h("b", {}, preset ? preset.name : settings.model), word, h("span", { class: "source", title: source }, source));
  }

  function showReadouts(readouts) {
    const others = readouts.map((one) => one.name).join();
    if (others !== names) {
      names = others;
      values = readouts.map(() => h("b", {}));
      box.replaceChildren(...readouts.map(({ label }, i) => h("div", { class: "readout" }, h("span", {}, label), values[i])));
    }
    readouts.forEach(({ name, text, title }, i) => {
      values[i].parentElement.title = title;
      if (values[i].textContent !== text) values[i].textContent = text;
      values[i].dataset.name = name;
    });
  }

  return {
    element: h("div", { class: "summary" }, caption, box),
    update({ settings, trace }, changed) {
      if (changed.has("settings")) showCaption(settings);
      if (changed.has("trace")) showReadouts(trace.readouts);
    },
  };
}
