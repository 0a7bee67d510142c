// Kinds of current: what each lets one set, and what is kept from one to the next.

import { finite } from "../base/numbers.js";

const SHARED = ["amplitude", "offset", "onset"]; // what one kind of current hands on to the next

/** Controls of a kind of current; amplitudes have the model's range and unit. */
export function currentControls(kind, model, duration) {
  return (kind?.controls ?? []).map((control) => {
    if (control.name === "amplitude" || control.name === "offset") {
      const { low, high, default: amplitude } = model.amplitude;
      return { ...control, low: control.low ?? low, high: control.high ?? high, unit: control.unit || model.I_unit,
        default: control.default ?? (control.name === "amplitude" ? amplitude : 0) };
    }
    if (control.name === "onset") return { ...control, high: duration, default: Math.min(control.default, duration / 10) };
    return control;
  });
}

/** A current of another kind, with what it shares with the one before. */
export function currentOfKind(name, catalogue, model, duration, before = {}) {
  const kind = catalogue.currents.find((one) => one.name === name);
  const current = { kind: name };
  for (const control of currentControls(kind, model, duration)) {
    const kept = SHARED.includes(control.name) && finite(before[control.name]);
    current[control.name] = kept ? before[control.name] : control.default;
  }
  return current;
}
