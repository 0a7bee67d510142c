// Neurons at their places: a dot each, which lights up when it spikes. What has depth can be turned by hand.

import { clamp } from "../base/numbers.js";

const FADES = 60; // ms after which a third of the light is left
const LEVELS = [0.15, 0.35, 0.6, 0.85]; // of light, each drawn in one go
const MARGIN = 12;

/** Where neurons are seen, and how bright they are. */
export class MapOfNeurons {
  /** `places` are x, y, z of each within -1 to 1, `of` the population of each. */
  constructor({ places, of, flat }) {
    Object.assign(this, { places, of, flat, n: of.length });
    this.light = new Float32Array(this.n);
    this.x = new Float32Array(this.n);
    this.y = new Float32Array(this.n);
    this.depth = new Float32Array(this.n); // 0 behind to 1 in front
    this.angles = flat ? [0, 0] : [0.25, -0.95];
    this.size = 2;
  }

  /** Let the light fade for so many ms, and light those that have spiked. */
  lightUp(lit, ms) {
    const left = Math.exp(-ms / FADES);
    for (let i = 0; i < this.n; i++) this.light[i] *= left;
    for (const i of lit) this.light[i] = 1;
  }

  turn(byX, byY) {
    if (this.flat) return;
    this.angles = [this.angles[0] + byX, clamp(this.angles[1] + byY, -1.5, 1.5)];
  }

  place(width, height) {
    const { places, n } = this;
    const [sinA, cosA] = [Math.sin(this.angles[0]), Math.cos(this.angles[0])];
    const [sinB, cosB] = [Math.sin(this.angles[1]), Math.cos(this.angles[1])];
    const scale = Math.min(width, height) / 2 - MARGIN;
    for (let i = 0; i < n; i++) {
      const [x, y, z] = [places[3 * i], places[3 * i + 1], places[3 * i + 2]];
      // Seen from the front: x to the right, z (or y of what is flat) up.
      const [across, deep, up] = this.flat ? [x, 0, y] : [x * cosA - y * sinA, x * sinA + y * cosA, z];
      this.x[i] = width / 2 + scale * across;
      this.y[i] = height / 2 - scale * (up * cosB - deep * sinB);
      this.depth[i] = this.flat ? 1 : clamp((1 - (deep * cosB + up * sinB)) / 2, 0, 1);
    }
    this.size = clamp(Math.sqrt((width * height) / this.n) / 7, 1.5, 5);
  }

  /** The neuron nearest to a place, in front of others; -1 where there is none. */
  at(x, y, reach = 16) {
    let [best, least] = [-1, reach * reach];
    for (let i = 0; i < this.n; i++) {
      const apart = (this.x[i] - x) ** 2 + (this.y[i] - y) ** 2 - 60 * this.depth[i];
      if (apart < least) [best, least] = [i, apart];
    }
    return best;
  }
}

/** Draw those that are dark. */
export function drawDark(ctx, map, colors) {
  const size = map.size;
  for (const [population, color] of colors.entries()) {
    ctx.fillStyle = color;
    for (let i = 0; i < map.n; i++) {
      if (map.of[i] !== population) continue;
      ctx.globalAlpha = 0.14 + 0.22 * map.depth[i];
      ctx.fillRect(map.x[i] - size / 2, map.y[i] - size / 2, size, size);
    }
  }
  ctx.globalAlpha = 1;
}

/** Draw the light of those that have just spiked. */
export function drawLight(ctx, map, colors) {
  for (const [level, least] of LEVELS.entries()) {
    const most = LEVELS[level + 1] ?? Infinity;
    const size = map.size * (1 + 0.9 * least);
    ctx.globalAlpha = 0.3 + 0.7 * least;
    for (const [population, color] of colors.entries()) {
      ctx.fillStyle = color;
      for (let i = 0; i < map.n; i++) {
        const light = map.light[i];
        if (light < least || light >= most || map.of[i] !== population) continue;
        ctx.fillRect(map.x[i] - size / 2, map.y[i] - size / 2, size, size);
      }
    }
  }
  ctx.globalAlpha = 1;
}
