// Colours of the theme, for canvases.

/** Colours of the theme, from the style sheet. */
export function paletteOf(root) {
  const style = getComputedStyle(root);
  const names = ["panel", "ink", "muted", "faint", "line", "grid", "accent", "frozen", "arrow", "path", "current", "exc", "inh", "good"];
  const palette = Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
  palette.variables = [0, 1, 2, 3, 4].map((i) => style.getPropertyValue(`--variable-${i}`).trim());
  return palette;
}
