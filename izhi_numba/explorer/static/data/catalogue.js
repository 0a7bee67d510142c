// What the server has to offer, by name.

export const modelNamed = (catalogue, name) => catalogue.models.find((one) => one.name === name);
export const presetNamed = (catalogue, name) => (name == null ? undefined : catalogue.presets.find((one) => one.name === name));

/** Presets that have a button and a key each. */
export const quickPresets = (catalogue) => catalogue.presets.filter((preset) => preset.family === "2003");

export const defaultsOf = (controls) => Object.fromEntries(controls.map((one) => [one.name, one.default]));
