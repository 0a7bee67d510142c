// What the lines of a plot mean.

import { h } from "../base/dom.js";

/** A line, "dashed" or not, of a colour of the style sheet or of its own, and what it is. */
export function key(form, words, color) {
  const swatch = h("i", { class: `swatch ${form}` });
  if (color) swatch.style.setProperty("--color", color);
  return h("span", { class: "key" }, swatch, words);
}
