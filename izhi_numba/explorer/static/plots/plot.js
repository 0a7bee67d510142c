// A plot: canvases in layers, as large as their box.

import { h } from "../base/dom.js";

/** Canvases on top of each other that fill a box, sharp on any screen, and drawn again whenever that changes. */
export class Plot {
  /** `layers`: functions (ctx, width, height, palette) by name, the lowest first. */
  constructor(className, label, layers, palette, onresize = () => {}) {
    this.layers = layers;
    this.palette = palette;
    this.width = this.height = 0;
    this.canvases = Object.fromEntries(Object.keys(layers).map((name) => [name, h("canvas", { "aria-hidden": "true" })]));
    this.element = h("div", { class: `plot ${className}`, role: "img", "aria-label": label }, ...Object.values(this.canvases));
    this.observer = new ResizeObserver(() => this.resize() && onresize());
    this.observer.observe(this.element);
  }

  resize() {
    const { clientWidth: width, clientHeight: height } = this.element;
    const ratio = window.devicePixelRatio || 1;
    if (!width || !height || (width === this.width && height === this.height && ratio === this.ratio)) return false;
    Object.assign(this, { width, height, ratio });
    for (const canvas of Object.values(this.canvases)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    this.draw();
    return true;
  }

  draw(...names) {
    if (!this.width) return;
    for (const name of names.length ? names : Object.keys(this.layers)) {
      const ctx = this.canvases[name].getContext("2d");
      ctx.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
      ctx.clearRect(0, 0, this.width, this.height);
      this.layers[name](ctx, this.width, this.height, this.palette());
    }
  }

  /** Draw all layers into another picture, at a place. */
  drawInto(ctx, x, y) {
    for (const draw of Object.values(this.layers)) {
      ctx.save();
      ctx.translate(x, y);
      draw(ctx, this.width, this.height, this.palette());
      ctx.restore();
    }
  }

  stop() {
    this.observer.disconnect();
  }
}
