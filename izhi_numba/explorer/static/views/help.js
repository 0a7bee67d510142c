// The page's help: keys, and what is not seen at once.

import { button } from "../base/controls.js";
import { h } from "../base/dom.js";

const KEYS = [["1, 2, …", "presets of 2003, in their order"], ["space", "play, pause"], ["f", "freeze this trace in grey"], ["k", "kick at the dot, or in the middle"],
  ["n", "new noise"], ["r", "reset"], ["s", "step, of a network"], ["d", "light, dark"], ["?", "this help"]];
const TIPS = ["Drag a slider, or type a number; a double click brings back the preset's value, the small mark.",
  "Click in the traces to place the dot, in the phase plane to start there; in the raster of a network to watch that neuron, on its map to make those around spike.",
  "Fixed points: filled is stable, half-filled a saddle, open unstable."];

export function helpDialog() {
  const dialog = h("dialog", { class: "help", "aria-label": "help" },
    h("header", {}, h("h2", {}, "Keys"), button({ icon: "close", label: "close", class: "quiet", onclick: () => dialog.close() })),
    h("dl", {}, ...KEYS.flatMap(([key, what]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, what)])),
    ...TIPS.map((tip) => h("p", {}, tip)));
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  return dialog;
}
