// The current that the neuron gets.

import { card, labelled, selectOf } from "../base/controls.js";
import { h } from "../base/dom.js";
import { finite } from "../base/numbers.js";
import { sliderRow } from "../base/slider.js";
import { modelNamed, presetNamed } from "../data/catalogue.js";
import { currentControls } from "../data/currents.js";

export function inputCard({ catalogue, neuron }) {
  const box = h("div", {});
  const kindSelect = selectOf("kind of current", [], () => neuron.chooseKind(kindSelect.value));
  let shown = {}; // kind and duration that the rows are for
  let rows = [];

  function show(settings) {
    const { current, duration } = settings;
    const { kind } = current;
    const preset = presetNamed(catalogue, settings.preset);
    const published = preset?.current.kind === "protocol" || kind === "protocol";
    const options = catalogue.currents.map(({ name, label }) => h("option", { value: name }, label));
    if (published) options.unshift(h("option", { value: "protocol" }, "as published"));
    kindSelect.replaceChildren(...options);
    kindSelect.value = kind;
    const controls = currentControls(catalogue.currents.find((one) => one.name === kind), modelNamed(catalogue, settings.model), duration);
    rows = controls.map((control) => {
      const { name } = control;
      return [name, sliderRow(control, current[name], (value, event) => neuron.setCurrent(name, value, event))];
    });
    const base = preset?.current.kind === kind ? preset.current : {};
    for (const [name, row] of rows) if (finite(base[name])) row.setBase(base[name]);
    const protocol = kind === "protocol" && preset?.protocol;
    box.replaceChildren(...rows.map(([, row]) => row.element), protocol ? h("code", { class: "protocol" }, protocol) : "");
    shown = { kind, duration };
  }

  return {
    element: card("Input", labelled("current", kindSelect), box),
    update({ settings }, changed) {
      if (!changed.has("settings")) return;
      if (changed.has("taken") || settings.current.kind !== shown.kind) return show(settings);
      if (settings.duration === shown.duration) return;
      shown.duration = settings.duration;
      rows.find(([name]) => name === "onset")?.[1].setHigh(settings.duration);
    },
  };
}
