// Light or dark.

import { paletteOf } from "../plots/palette.js";

const THEME_KEY = "izhi-explorer-theme";

/** The theme: the person's choice where there is one, else JupyterLab's or the machine's. */
export class Theme {
  #colors = null;

  constructor(store, root, onPage) {
    Object.assign(this, { store, root, onPage });
    this.palette = () => (this.#colors ??= paletteOf(root));
  }

  choose(chosen) {
    let kept = chosen;
    try { // a notebook or a browser may keep no storage
      if (chosen) localStorage.setItem(THEME_KEY, chosen);
      else kept = localStorage.getItem(THEME_KEY);
    } catch {}
    const { root } = this;
    const jupyter = { true: "light", false: "dark" }[document.body.dataset.jpThemeLight];
    const preferred = window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    root.dataset.theme = (jupyter ? chosen : kept) ?? jupyter ?? preferred;
    this.#colors = null;
    if (this.onPage) document.body.style.background = getComputedStyle(root).getPropertyValue("--ground");
    this.store.change({ theme: root.dataset.theme });
  }

  toggle() {
    this.choose(this.root.dataset.theme === "dark" ? "light" : "dark");
  }
}
