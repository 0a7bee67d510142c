// What the server has to offer, by name.

export const modelNamed = (catalogue, name) => catalogue.models.find((one) => one.name === name);
export const presetNamed = (catalogue, name) => (name == null ? undefined : catalogue.presets.find((one) => one.name === name));

/** Presets of a model; those of others would change more than values. */
export const presetsOf = (catalogue, model) => catalogue.presets.filter((preset) => preset.model === model);

/** Presets of a model that have a button and a key each. */
export const quickPresets = (catalogue, model) => presetsOf(catalogue, model).filter(({ family }) => family === "2003");

export const defaultsOf = (controls) => Object.fromEntries(controls.map((one) => [one.name, one.default]));
