// Settings of a neuron: those of a model, of a preset, of a link, and what counts as modified.

import { defaultsOf, modelNamed, presetNamed, quickPresets } from "./catalogue.js";
import { currentOfKind } from "./currents.js";

const START_DURATION = 500; // ms, of a model without a preset
const OF_PRESET = ["values", "start", "current", "duration", "dt", "scheme", "spike_times"]; // what makes a preset what it is

export function settingsOfModel(model, catalogue) {
  const kind = (catalogue.currents.find((one) => one.name === "constant") ?? catalogue.currents[0]).name;
  return {
    model: model.name, preset: null, values: defaultsOf(model.parameters), start: {},
    current: currentOfKind(kind, catalogue, model, START_DURATION), duration: START_DURATION, dt: model.dt,
    scheme: model.scheme, spike_times: "grid", seed: 1, kicks: [], tour: null,
  };
}

export function settingsOfPreset(preset, catalogue) {
  const model = modelNamed(catalogue, preset.model);
  return {
    ...settingsOfModel(model, catalogue), preset: preset.name, values: { ...defaultsOf(model.parameters), ...preset.values },
    start: { ...preset.start }, current: { ...preset.current }, duration: preset.duration, dt: preset.dt, scheme: preset.scheme,
  };
}

/** What a page begins with: the first quick preset of the catalogue's first model, or that model as it is. */
export function firstSettings(catalogue) {
  const preset = quickPresets(catalogue, catalogue.model).at(0);
  return preset ? settingsOfPreset(preset, catalogue) : settingsOfModel(modelNamed(catalogue, catalogue.model), catalogue);
}

/**
 * Settings of a link, which may lack some and have others of a wrong kind. Throws where its model is not here, and
 * where its current is none.
 */
export function settingsOfLink(given, catalogue) {
  const model = modelNamed(catalogue, given.model);
  if (!model) throw new Error(`The link is about the model ${given.model}, which is not here.`);
  const settings = { ...given };
  if ("current" in given && typeof given.current?.kind !== "string") {
    throw new Error("The link has a current that cannot be read. Here is the explorer as it begins.");
  }
  for (const name of ["values", "start"]) settings[name] = typeof settings[name] === "object" && settings[name] ? settings[name] : {};
  settings.kicks = Array.isArray(settings.kicks) ? settings.kicks : [];
  return { ...settingsOfModel(model, catalogue), ...settings };
}

/** Settings that reset leads back to. */
export function baseOf(settings, catalogue) {
  const preset = presetNamed(catalogue, settings.preset);
  return preset ? settingsOfPreset(preset, catalogue) : settingsOfModel(modelNamed(catalogue, settings.model), catalogue);
}

/** Whether settings differ from what reset leads back to. The seed does not count: noise is new at each key. */
export function isModified(settings, base) {
  const same = OF_PRESET.every((name) => JSON.stringify(settings[name]) === JSON.stringify(base[name]));
  return !same || settings.kicks.length > 0;
}
