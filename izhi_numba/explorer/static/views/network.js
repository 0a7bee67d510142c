// The page of a network: the gallery, or the one that is open with its bar, controls, pictures and numbers.

import { h } from "../base/dom.js";
import { colorsOf } from "../data/population_colors.js";
import { galleryView } from "./gallery.js";
import { networkBar } from "./network_bar.js";
import { networkControls } from "./network_controls.js";
import { networkPlots } from "./network_plots.js";
import { networkSide } from "./network_side.js";

export function networkView(common) {
  const { palette } = common;
  const shared = { ...common, colors: (populations) => colorsOf(populations, palette()) };
  const gallery = galleryView(shared);
  const controls = networkControls(shared);
  const plots = networkPlots(shared);
  const side = networkSide(shared);
  const bar = networkBar({ ...shared, pictures: () => [...plots.pictures(), ...side.pictures()] });
  const parts = [bar, controls, plots, side];
  const open = h("div", { class: "network-open" }, bar.element,
    h("div", { class: "network-grid" }, controls.element, plots.element, side.element));
  const element = h("section", { class: "network", "aria-label": "network" }, gallery.element, open);
  return {
    element,
    picture: bar.savePicture,
    update(state, changed) {
      if (changed.has("page")) element.hidden = state.page !== "network";
      if (changed.has("network")) {
        const { state: how, description } = state.network;
        element.dataset.state = how;
        gallery.element.hidden = how !== "closed";
        open.hidden = how === "closed";
        open.classList.toggle("bare", description === null);
      }
      for (const part of parts) part.update(state, changed);
    },
    stop() {
      for (const part of parts) part.stop?.();
    },
  };
}
