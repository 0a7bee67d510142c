// The bar at the top: models, presets, and what can be taken along.

import { button, selectOf } from "../base/controls.js";
import { h } from "../base/dom.js";
import { setIcon } from "../base/icons.js";
import { presetsOf, quickPresets } from "../data/catalogue.js";
import { baseOf, isModified } from "../data/settings.js";

const FAMILIES = { 2003: "Izhikevich 2003", 2004: "20 patterns, 2004", 2007: "cells of the 2007 book", AdEx: "AdEx patterns, 2008" };

/** `actions` are what its buttons on the right do, by name; a tour without steps has no button, nor has a missing link. */
export function headerView({ catalogue, neuron, actions }) {
  const modelSelect = selectOf("model", [["", catalogue.models.map(({ name }) => [name, name])]], () => neuron.chooseModel(modelSelect.value));
  const presetButton = ({ name, source }, i) => button({
    text: name, label: name, title: `${source} (${i + 1})`, "aria-pressed": "false", onclick: () => neuron.choosePreset(name),
  });
  const segments = h("div", { class: "segments", role: "group", "aria-label": "presets of 2003" });
  const presetMenu = selectOf("more presets", [], () => neuron.choosePreset(presetMenu.value));
  let presetButtons = new Map();
  let shownModel = null;
  const themeButton = button({ icon: "dark", label: "light or dark", key: "d", onclick: actions.theme });
  const pageButtons = ["neuron", "network"].map((page) => button({ text: page, label: `page of the ${page}`, "aria-pressed": "false", onclick: () => actions.page(page) }));
  const ofNeuron = h("div", { class: "presets" }, modelSelect, segments, presetMenu);
  const tourButton = actions.tour && button({ icon: "tour", text: "tour", label: "guided tour", onclick: actions.tour });
  const pythonButton = button({ icon: "copy", text: "python", label: "copy as Python", onclick: actions.python });
  const csvButton = button({ icon: "save", text: "CSV", label: "save the traces", class: "word", onclick: actions.csv });
  const element = h("header", { class: "top" },
    h("div", { class: "brand" }, h("h1", {}, "izhi_numba"), h("span", {}, "explorer")),
    h("div", { class: "pages", role: "group", "aria-label": "page" }, ...pageButtons),
    ofNeuron,
    h("div", { class: "actions" },
      tourButton,
      actions.link && button({ icon: "link", text: "link", label: "copy the link", onclick: actions.link }),
      pythonButton,
      button({ icon: "save", text: "PNG", label: "save a picture", class: "word", onclick: actions.png }),
      csvButton,
      themeButton,
      button({ icon: "help", label: "help", key: "?", onclick: actions.help })));

  /** Presets of the chosen model, and of no other. */
  function showModel(model) {
    shownModel = modelSelect.value = model;
    const quick = quickPresets(catalogue, model);
    const more = presetsOf(catalogue, model).filter((one) => !quick.includes(one));
    presetButtons = new Map(quick.map((preset, i) => [preset.name, presetButton(preset, i)]));
    segments.replaceChildren(...presetButtons.values());
    segments.hidden = !quick.length;
    const families = [...new Set(more.map(({ family }) => family))];
    const first = quick.length ? "more presets" : "presets";
    presetMenu.disabled = !more.length;
    presetMenu.title = more.length ? "" : `there are no ${first} of ${model}: choose another model`;
    presetMenu.replaceChildren(h("option", { value: "" }, more.length ? first : `no ${first}`), ...families.map((family) =>
      h("optgroup", { label: FAMILIES[family] ?? family }, ...more.filter((one) => one.family === family).map(({ name }) => h("option", { value: name }, name)))));
  }

  function showPreset(settings) {
    if (settings.model !== shownModel) showModel(settings.model);
    const modified = isModified(settings, baseOf(settings, catalogue));
    for (const [name, one] of presetButtons) {
      one.setAttribute("aria-pressed", String(name === settings.preset));
      one.classList.toggle("modified", name === settings.preset && modified);
    }
    presetMenu.value = presetButtons.has(settings.preset) ? "" : settings.preset ?? "";
  }

  return {
    element,
    update({ settings, theme, page }, changed) {
      if (changed.has("page")) {
        pageButtons.forEach((one, k) => one.setAttribute("aria-pressed", String(["neuron", "network"][k] === page)));
        for (const one of [ofNeuron, tourButton, pythonButton, csvButton]) if (one) one.hidden = page !== "neuron";
      }
      if (changed.has("settings")) showPreset(settings);
      if (changed.has("theme")) setIcon(themeButton, theme === "dark" ? "light" : "dark");
    },
  };
}
