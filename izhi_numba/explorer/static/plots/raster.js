// Spikes of the pool as a picture that moves to the left.

import { h } from "../base/dom.js";
import { clamp } from "../base/numbers.js";
import { Scroll } from "../data/series.js";

const ROWS_HEIGHT = 240; // pixels that a raster has about

/** [r, g, b] of "#rrggbb". */
const rgb = (color) => [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));

/** Colour of each spike count as a pixel (ABGR in one number): fainter the more neurons share a row. */
function pixelsOf(color, perRow) {
  const gain = clamp(2.2 / Math.sqrt(Math.max(1, perRow)), 0.12, 4);
  const [r, g, b] = rgb(color);
  return Uint32Array.from({ length: 256 }, (_, count) => {
    const alpha = Math.round(255 * (1 - Math.exp(-count * gain)));
    return ((alpha << 24) | (b << 16) | (g << 8) | r) >>> 0;
  });
}

/** Spikes per ms and row, a pixel each; moved as a picture, drawn anew only where it has to be. */
export class Raster {
  rows = 0;

  constructor(palette, onpick) {
    this.palette = palette;
    this.canvas = h("canvas", { role: "img", "aria-label": "spikes of the pool: time to the right, a row for each few neurons" });
    this.mark = h("div", { class: "row-mark", hidden: true });
    this.labels = [h("span", { class: "inh" }, "I"), h("span", { class: "exc" }, "E")];
    this.element = h("div", { class: "raster" }, h("div", { class: "raster-names" }, ...this.labels), h("div", { class: "raster-box" }, this.canvas, this.mark));
    this.canvas.addEventListener("pointerdown", (event) => {
      const box = this.canvas.getBoundingClientRect();
      if (this.rows) onpick(clamp(Math.floor((1 - (event.clientY - box.top) / box.height) * this.rows), 0, this.rows - 1));
    });
    this.width = 1;
    this.columns = new Scroll(1, 1, Uint8Array, 0);
  }

  resize(width) {
    if (width === this.width || width < 1) return;
    this.width = width;
    this.columns = this.columns.resized(width);
    this.canvas.width = width;
    this.draw();
  }

  /** Take `rows` rows, of which the first `exc` are excitatory, with so many neurons in each. */
  shape(rows, exc, perRow) {
    if (rows === this.rows && exc === this.exc && perRow === this.perRow) return;
    Object.assign(this, { rows, exc, perRow });
    this.columns = new Scroll(this.width, rows, Uint8Array, 0);
    this.canvas.height = rows;
    this.canvas.style.height = `${rows * Math.max(1, Math.round(ROWS_HEIGHT / rows))}px`;
    this.labels[0].style.flexGrow = rows - exc;
    this.labels[1].style.flexGrow = exc;
    this.draw();
  }

  recolor() {
    const { exc, inh } = this.palette();
    this.pixels = [pixelsOf(exc, this.perRow), pixelsOf(inh, this.perRow)];
  }

  draw() {
    if (!this.rows) return;
    this.recolor();
    this.#put(this.columns.data, 0, this.width);
  }

  push(counts, ms) {
    this.columns.push(counts);
    const shown = Math.min(ms, this.width);
    const ctx = this.canvas.getContext("2d");
    ctx.globalCompositeOperation = "copy";
    ctx.drawImage(this.canvas, -shown, 0);
    ctx.globalCompositeOperation = "source-over";
    this.#put(this.columns.data.subarray((this.width - shown) * this.rows), this.width - shown, shown);
  }

  markRow(row) {
    this.mark.hidden = !(row >= 0 && row < this.rows);
    if (!this.mark.hidden) this.mark.style.bottom = `${(100 * (row + 0.5)) / this.rows}%`;
  }

  #put(counts, x, width) {
    const { rows, exc } = this;
    const image = new ImageData(width, rows);
    const pixels = new Uint32Array(image.data.buffer);
    const [excitatory, inhibitory] = this.pixels;
    for (let column = 0, k = 0; column < width; column++) {
      for (let row = 0; row < rows; row++, k++) {
        if (counts[k]) pixels[(rows - 1 - row) * width + column] = (row < exc ? excitatory : inhibitory)[counts[k]];
      }
    }
    this.canvas.getContext("2d").putImageData(image, x, 0);
  }
}
