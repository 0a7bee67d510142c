// Kicks and a start of one's own, each with a way to be rid of it.

import { button } from "../base/controls.js";
import { h } from "../base/dom.js";
import { shown } from "../base/numbers.js";
import { baseOf } from "../data/settings.js";

export function chipsView({ catalogue, neuron }) {
  const element = h("div", { class: "chips" });
  const chip = (content, label, onclick) => h("span", { class: "chip" }, content, button({ icon: "close", label, onclick }));

  function show({ start, kicks }, base) {
    const chips = [];
    if (JSON.stringify(start) !== JSON.stringify(base.start)) {
      const place = Object.entries(start).map(([name, value]) => `${name} ${shown(value)}`).join(", ");
      chips.push(chip(`starts at ${place || "rest"}`, "reset the start", () => neuron.set("start", { ...base.start })));
    }
    if (kicks.length) {
      const times = kicks.map((t) => shown(t)).join(", ");
      chips.push(chip(`${kicks.length === 1 ? "kick" : "kicks"} at ${times} ms`, "remove the kicks", () => neuron.set("kicks", [])));
    }
    element.replaceChildren(...chips);
  }

  return {
    element,
    update({ settings }, changed) {
      if (changed.has("settings")) show(settings, baseOf(settings, catalogue));
    },
  };
}
