// The pool: its bar, its controls, its pictures and numbers.

import { h } from "../base/dom.js";
import { poolBar } from "./pool_bar.js";
import { poolControls } from "./pool_controls.js";
import { poolNumbers } from "./pool_numbers.js";
import { poolPlots } from "./pool_plots.js";

export function poolView({ catalogue, store, palette, pool }) {
  const bar = poolBar({ sizes: catalogue.pool.sizes, pool });
  const controls = poolControls({ controls: catalogue.pool.controls, model: catalogue.pool.model, pool });
  const plots = poolPlots({ store, palette, pool });
  const numbers = poolNumbers({ palette });
  const parts = [bar, controls, plots, numbers];
  const element = h("section", { class: "pool", "aria-label": "pool" },
    bar.element, bar.note,
    h("div", { class: "pool-grid" }, controls.element, plots.element, numbers.element));
  return {
    element,
    update(state, changed) {
      for (const part of parts) part.update(state, changed);
      if (!changed.has("pool")) return;
      element.classList.toggle("unused", state.frame === null && state.pool.state === "stopped");
      element.dataset.state = state.pool.state;
    },
    stop() {
      for (const part of parts) part.stop?.();
    },
  };
}
