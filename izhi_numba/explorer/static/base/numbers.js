// Numbers as they are bounded, rounded and written.

export const clamp = (x, low, high) => Math.min(Math.max(x, low), high);
export const finite = (x) => typeof x === "number" && Number.isFinite(x);

/** A step of 1, 2 or 5 times a power of ten, close to `rough`. */
export function niceStep(rough) {
  const power = 10 ** Math.floor(Math.log10(rough));
  const digit = rough / power;
  return (digit < 1.5 ? 1 : digit < 3.5 ? 2 : digit < 7.5 ? 5 : 10) * power;
}

/** A number as a person writes it: five digits, no tail of nines. */
export function numberText(value, digits = 5) {
  if (!finite(value)) return value == null ? "" : String(value);
  const rounded = Number(value.toPrecision(digits));
  const size = Math.abs(rounded);
  return size !== 0 && (size < 1e-4 || size >= 1e6) ? rounded.toExponential() : String(rounded);
}

export const signed = (text) => text.replace(/-/g, "−"); // the minus sign proper, for what is only read
export const shown = (value, digits = 4) => signed(numberText(value, digits));
export const named = (label, unit) => (unit ? `${label} (${unit})` : label);
