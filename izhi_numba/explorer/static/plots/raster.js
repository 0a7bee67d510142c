// Spikes of the network as a picture that moves to the left.

import { h } from "../base/dom.js";
import { clamp } from "../base/numbers.js";
import { rgbOf } from "../data/population_colors.js";
import { Scroll } from "../data/series.js";

const ROWS_HEIGHT = 320; // pixels that a raster has about
const LEAST_NAME = 11; // pixels of a population that has room for its name

/** Colour of each spike count as a pixel (ABGR in one number): fainter the more neurons share a row. */
function pixelsOf(color, perRow) {
  const gain = clamp(3.5 / Math.sqrt(Math.max(1, perRow)), 0.12, 4);
  const [r, g, b] = rgbOf(color);
  return Uint32Array.from({ length: 256 }, (_, count) => {
    const alpha = Math.round(255 * (1 - Math.exp(-count * gain)));
    return ((alpha << 24) | (b << 16) | (g << 8) | r) >>> 0;
  });
}

/** Spikes per column of time and row, a pixel each; moved as a picture, drawn anew only where it has to be. */
export class Raster {
  rows = 0;
  populations = [];

  /** `colors(populations)` are those of the theme; `onpick(row)` is called where it is pressed. */
  constructor(colors, onpick) {
    this.colors = colors;
    this.canvas = h("canvas", { role: "img", "aria-label": "spikes of the network: time to the right, a row for each few neurons, populations above each other" });
    this.marks = h("div", { class: "row-marks" });
    this.names = h("div", { class: "raster-names" });
    this.element = h("div", { class: "raster" }, this.names, h("div", { class: "raster-box" }, this.canvas, this.marks));
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

  /** Take the rows of populations, of which the first is at the bottom. */
  shape(populations) {
    this.populations = populations;
    this.rows = populations.reduce((sum, { rows }) => sum + rows, 0);
    this.owner = Uint16Array.from(populations.flatMap(({ rows }, k) => Array(rows).fill(k)));
    this.columns = new Scroll(this.width, this.rows, Uint8Array, 0);
    this.canvas.height = this.rows;
    this.scale = Math.max(1, Math.round(ROWS_HEIGHT / this.rows));
    this.canvas.style.height = `${this.rows * this.scale}px`;
    this.draw();
  }

  recolor() {
    const colors = this.colors(this.populations);
    this.pixels = this.populations.map(({ rows, size }, k) => pixelsOf(colors[k], size / rows));
    this.names.replaceChildren(...this.populations.map(({ title, rows }, k) => {
      const name = h("span", { title }, rows * this.scale >= LEAST_NAME ? h("b", {}, title) : "");
      name.style.flexGrow = rows;
      name.style.color = colors[k];
      return name;
    }).reverse());
  }

  draw() {
    if (!this.rows) return;
    this.recolor();
    this.#put(this.columns.data, 0, this.width);
  }

  push(counts, columns) {
    this.columns.push(counts);
    const shown = Math.min(columns, this.width);
    const ctx = this.canvas.getContext("2d");
    ctx.globalCompositeOperation = "copy";
    ctx.drawImage(this.canvas, -shown, 0);
    ctx.globalCompositeOperation = "source-over";
    this.#put(this.columns.data.subarray((this.width - shown) * this.rows), this.width - shown, shown);
  }

  /** Mark rows at the left edge. */
  markRows(rows) {
    this.marks.replaceChildren(...rows.map((row) => {
      const mark = h("div", { class: "row-mark" });
      mark.style.bottom = `${(100 * (row + 0.5)) / this.rows}%`;
      return mark;
    }));
  }

  /** Draw it into another picture, at a place. */
  drawInto(ctx, x, y) {
    ctx.imageSmoothingEnabled = false;
    ctx.drawImage(this.canvas, x, y, this.canvas.clientWidth, this.canvas.clientHeight);
  }

  #put(counts, x, width) {
    const { rows, owner, pixels } = this;
    const image = new ImageData(width, rows);
    const words = new Uint32Array(image.data.buffer);
    for (let column = 0, k = 0; column < width; column++) {
      for (let row = 0; row < rows; row++, k++) {
        if (counts[k]) words[(rows - 1 - row) * width + column] = pixels[owner[row]][counts[k]];
      }
    }
    this.canvas.getContext("2d").putImageData(image, x, 0);
  }
}
