// The bar at the top: models, presets, and what can be taken along.

import { button, selectOf } from "../base/controls.js";
import { h } from "../base/dom.js";
import { setIcon } from "../base/icons.js";
import { quickPresets } from "../data/catalogue.js";
import { baseOf, isModified } from "../data/settings.js";

const FAMILIES = { 2003: "Izhikevich 2003", 2004: "20 patterns, 2004", 2007: "cells of the 2007 book", AdEx: "AdEx patterns, 2008" };

/** `actions` are what its buttons on the right do, by name; a tour without steps has no button, nor has a missing link. */
export function headerView({ catalogue, neuron, actions }) {
  const modelSelect = selectOf("model", [["", catalogue.models.map(({ name }) => [name, name])]], () => neuron.chooseModel(modelSelect.value));
  const presetButton = ({ name, source }, i) => button({
    text: name, label: name, title: `${source} (${i + 1})`, "aria-pressed": "false", onclick: () => neuron.choosePreset(name),
  });
  const presetButtons = new Map(quickPresets(catalogue).map((preset, i) => [preset.name, presetButton(preset, i)]));
  const families = [...new Set(catalogue.presets.map(({ family }) => family))].filter((family) => family !== "2003");
  const namesOf = (family) => catalogue.presets.filter((one) => one.family === family).map(({ name }) => [name, name]);
  const groups = [["", [["", "more presets"]]], ...families.map((family) => [FAMILIES[family] ?? family, namesOf(family)])];
  const presetMenu = selectOf("more presets", groups, () => neuron.choosePreset(presetMenu.value));
  const themeButton = button({ icon: "dark", label: "light or dark", key: "d", onclick: actions.theme });
  const element = h("header", { class: "top" },
    h("div", { class: "brand" }, h("h1", {}, "izhi_numba"), h("span", {}, "explorer")),
    modelSelect,
    h("div", { class: "segments", role: "group", "aria-label": "presets of 2003" }, ...presetButtons.values()),
    presetMenu,
    h("div", { class: "actions" },
      actions.tour && button({ icon: "tour", text: "tour", label: "guided tour", onclick: actions.tour }),
      actions.link && button({ icon: "link", text: "link", label: "copy the link", onclick: actions.link }),
      button({ icon: "copy", text: "python", label: "copy as Python", onclick: actions.python }),
      button({ icon: "save", text: "PNG", label: "save a picture", class: "word", onclick: actions.png }),
      button({ icon: "save", text: "CSV", label: "save the traces", class: "word", onclick: actions.csv }),
      themeButton,
      button({ icon: "help", label: "help", key: "?", onclick: actions.help })));

  function showPreset(settings) {
    const modified = isModified(settings, baseOf(settings, catalogue));
    for (const [name, one] of presetButtons) {
      one.setAttribute("aria-pressed", String(name === settings.preset));
      one.classList.toggle("modified", name === settings.preset && modified);
    }
    presetMenu.value = presetButtons.has(settings.preset) ? "" : settings.preset ?? "";
  }

  return {
    element,
    update({ settings, theme }, changed) {
      if (changed.has("taken")) modelSelect.value = settings.model;
      if (changed.has("settings")) showPreset(settings);
      if (changed.has("theme")) setIcon(themeButton, theme === "dark" ? "light" : "dark");
    },
  };
}
