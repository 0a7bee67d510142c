// A colour for each population: blue excites, orange inhibits, green only sends; several of a kind have shades.

const SHADES = [0, 0.34, -0.3, 0.55];

export const rgbOf = (color) => [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
const hexOf = (parts) => `#${parts.map((one) => Math.round(one).toString(16).padStart(2, "0")).join("")}`;

/** A colour on its way to black (below 0) or white. */
function shaded(color, by) {
  const target = by > 0 ? 255 : 0;
  return hexOf(rgbOf(color).map((one) => one + Math.abs(by) * (target - one)));
}

/** Colours (#rrggbb) of populations, in their order. */
export function colorsOf(populations, palette) {
  const base = { exc: palette.exc, inh: palette.inh, source: palette.variables[2] };
  const real = populations.filter(({ kind }) => kind !== "source");
  const hues = real.every(({ kind }) => kind === real[0].kind) && real.length > 1 && real.length <= palette.variables.length;
  const seen = { exc: 0, inh: 0, source: 0 };
  return populations.map(({ kind }) => {
    const number = seen[kind]++;
    if (hues && kind !== "source") return palette.variables[number];
    return shaded(base[kind], SHADES[number % SHADES.length]);
  });
}
