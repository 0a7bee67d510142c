// The explorer: a neuron that follows the hand, and a pool of them, live.
//
// One module in anywidget's format, in one file because a notebook takes one. It draws and asks; all that is
// computed, and all that is known of models, comes from Python.

// ---------------------------------------------------------------- small tools

const SVG = "http://www.w3.org/2000/svg";

const clamp = (x, low, high) => Math.min(Math.max(x, low), high);
const finite = (x) => typeof x === "number" && Number.isFinite(x);
const later = (run, ms) => {
  let timer = 0;
  const start = (...values) => {
    clearTimeout(timer);
    timer = setTimeout(run, ms, ...values);
  };
  start.cancel = () => clearTimeout(timer);
  return start;
};

/** Make an element: h("button", {class: "x", onclick: f}, "text", child). False and null are left out. */
function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child != null && child !== false));
  return element;
}

/** A number as a person writes it: five digits, no tail of nines. */
function numberText(value, digits = 5) {
  if (!finite(value)) return value == null ? "" : String(value);
  const rounded = Number(value.toPrecision(digits));
  const size = Math.abs(rounded);
  return size !== 0 && (size < 1e-4 || size >= 1e6) ? rounded.toExponential() : String(rounded);
}

const signed = (text) => text.replace(/-/g, "−"); // the minus sign proper, for what is only read
const shown = (value, digits = 4) => signed(numberText(value, digits));
const named = (label, unit) => (unit ? `${label} (${unit})` : label);

// ---------------------------------------------------------------- icons

const ICONS = {
  play: "M5 3.2v9.6l8-4.8z",
  pause: "M4.5 3.5h2.4v9H4.5zM9.1 3.5h2.4v9H9.1z",
  freeze: "M8 1.5v13M2.4 4.75l11.2 6.5M13.6 4.75L2.4 11.25",
  kick: "M9 1.5L3.5 9H7.6L6.6 14.5 12.5 6.7H8.4z",
  noise: "M1.5 8.5l2-4 2 7 2.2-9 2.1 11 2-7 1.2 2.5h1.5",
  reset: "M3.2 6.2A5.2 5.2 0 1 1 2.8 9M3 2.5v3.9h3.9",
  link: "M6.7 9.3a2.7 2.7 0 0 0 3.9.1l2.3-2.3a2.7 2.7 0 0 0-3.8-3.8L8 4.4M9.3 6.7a2.7 2.7 0 0 0-3.9-.1L3.1 8.9a2.7 2.7 0 0 0 3.8 3.8L8 11.6",
  copy: "M5.5 5.5h8v8h-8zM3.5 10.5h-1v-8h8v1",
  save: "M8 2v8M4.6 6.9L8 10.3l3.4-3.4M2.5 13.5h11",
  dark: "M13.2 9.6A5.6 5.6 0 0 1 6.4 2.8 5.6 5.6 0 1 0 13.2 9.6z",
  light: "M8 5.2a2.8 2.8 0 1 1 0 5.6 2.8 2.8 0 0 1 0-5.6zM8 1.2v1.6M8 13.2v1.6M1.2 8h1.6M13.2 8h1.6M3.2 3.2l1.1 1.1M11.7 11.7l1.1 1.1M3.2 12.8l1.1-1.1M11.7 4.3l1.1-1.1",
  help: "M5.6 5.9A2.4 2.4 0 1 1 8 8.4v1.2M8 12v.6",
  close: "M4 4l8 8M12 4l-8 8",
  tour: "M8 1.8l1.9 4 4.3.6-3.1 3 .8 4.3L8 11.6l-3.9 2.1.8-4.3-3.1-3 4.3-.6z",
};
const SOLID = new Set(["play", "pause"]);

function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  svg.classList.add("icon", ...(SOLID.has(name) ? ["solid"] : []));
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/** A button with an icon, a text, or both; `label` is its accessible name and tooltip. */
function button({ icon: name, text, label, onclick, key, ...attributes }) {
  const title = key ? `${label ?? text} (${key})` : label;
  const content = [name && icon(name), text && h("span", {}, text)];
  return h("button", { type: "button", "aria-label": label ?? text, title, onclick, ...attributes }, ...content);
}

function setIcon(element, name) {
  element.querySelector(".icon").replaceWith(icon(name));
}

// ---------------------------------------------------------------- messages

const DTYPES = { float32: Float32Array, float64: Float64Array, int32: Int32Array, uint8: Uint8Array };

/** Arrays of a message by name: {data, shape}. */
function arraysOf(header, buffers) {
  const found = {};
  (header.arrays ?? []).forEach(({ name, dtype, shape }, index) => {
    const view = buffers[index];
    const Type = DTYPES[dtype];
    const size = Type.BYTES_PER_ELEMENT;
    const aligned = view.byteOffset % size === 0;
    const bytes = aligned ? view : new Uint8Array(view.buffer, view.byteOffset, view.byteLength).slice();
    found[name] = { data: new Type(bytes.buffer, bytes.byteOffset, Math.floor(view.byteLength / size)), shape };
  });
  return found;
}

// ---------------------------------------------------------------- links

const LINK_VERSION = 1;

function encodeLink(state) {
  const bytes = new TextEncoder().encode(JSON.stringify({ version: LINK_VERSION, ...state }));
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** State in a fragment; null without one. Throws a readable Error where it is not one of ours. */
function decodeLink(fragment) {
  const text = fragment.replace(/^#/, "");
  if (!text) return null;
  let state;
  try {
    const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    state = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(binary, (c) => c.charCodeAt(0))));
  } catch {
    throw new Error("The link could not be read: it is damaged or cut off. Here is the explorer as it begins.");
  }
  if (state?.version !== LINK_VERSION) {
    throw new Error(`The link is of version ${state?.version}; this explorer reads version ${LINK_VERSION}.`);
  }
  if (typeof state.settings !== "object" || state.settings === null) throw new Error("The link has no settings.");
  return state;
}

// ---------------------------------------------------------------- settings

const START_DURATION = 500; // ms, of a model without a preset
const SHARED = ["amplitude", "offset", "onset"]; // what one kind of current hands on to the next

/** Controls of a kind of current; amplitudes have the model's range and unit. */
function currentControls(kind, model, duration) {
  return (kind?.controls ?? []).map((control) => {
    if (control.name === "amplitude" || control.name === "offset") {
      const { low, high, default: amplitude } = model.amplitude;
      return { ...control, low: control.low ?? low, high: control.high ?? high, unit: control.unit || model.I_unit,
        default: control.default ?? (control.name === "amplitude" ? amplitude : 0) };
    }
    if (control.name === "onset") return { ...control, high: duration, default: Math.min(control.default, duration / 10) };
    return control;
  });
}

/** A current of another kind, with what it shares with the one before. */
function currentOfKind(name, catalogue, model, duration, before = {}) {
  const kind = catalogue.currents.find((one) => one.name === name);
  const current = { kind: name };
  for (const control of currentControls(kind, model, duration)) {
    const kept = SHARED.includes(control.name) && finite(before[control.name]);
    current[control.name] = kept ? before[control.name] : control.default;
  }
  return current;
}

const defaultsOf = (controls) => Object.fromEntries(controls.map((one) => [one.name, one.default]));

function settingsOfModel(model, catalogue) {
  const kind = (catalogue.currents.find((one) => one.name === "constant") ?? catalogue.currents[0]).name;
  return {
    model: model.name, preset: null, values: defaultsOf(model.parameters), start: {},
    current: currentOfKind(kind, catalogue, model, START_DURATION), duration: START_DURATION, dt: model.dt,
    scheme: model.scheme, spike_times: "grid", seed: 1, kicks: [], tour: null,
  };
}

function settingsOfPreset(preset, catalogue) {
  const model = catalogue.models.find((one) => one.name === preset.model);
  return {
    ...settingsOfModel(model, catalogue), preset: preset.name, values: { ...defaultsOf(model.parameters), ...preset.values },
    start: { ...preset.start }, current: { ...preset.current }, duration: preset.duration, dt: preset.dt, scheme: preset.scheme,
  };
}

// ---------------------------------------------------------------- sliders

/** A step of 1, 2 or 5 times a power of ten, close to `rough`. */
function niceStep(rough) {
  const power = 10 ** Math.floor(Math.log10(rough));
  const digit = rough / power;
  return (digit < 1.5 ? 1 : digit < 3.5 ? 2 : digit < 7.5 ? 5 : 10) * power;
}

/**
 * How a slider's number and the value go together: its ends, the value of a number, the number of a value, and the
 * next value for an arrow key (`fine` with shift).
 */
function travelOf({ low, high, log, step, integer, choices }) {
  const round = (value, by) => Number((Math.round(value / by) * by).toPrecision(12));
  if (choices) {
    const nearest = (value) => choices.reduce((best, one, i) => (Math.abs(one - value) < Math.abs(choices[best] - value) ? i : best), 0);
    const last = choices.length - 1;
    return { min: 0, max: last, valueOf: (x) => choices[Math.round(x)], numberOf: nearest, next: (value, sign) => choices[clamp(nearest(value) + sign, 0, last)] };
  }
  if (log && low > 0) {
    const near = (value) => clamp(round(value, integer ? 1 : niceStep(value / 100)), low, high);
    const next = (value, sign, fine) => near(integer ? Math[sign > 0 ? "max" : "min"](value * (1 + 0.05 * sign), value + sign) : value * (1 + (fine ? 0.01 : 0.05) * sign));
    return { min: Math.log(low), max: Math.log(high), valueOf: (x) => near(Math.exp(x)), numberOf: (value) => Math.log(Math.max(value, 1e-300)), next };
  }
  const by = step ?? (integer ? 1 : niceStep((high - low || 1) / 500));
  const near = (value) => clamp(round(value, by), low, high);
  return { min: low, max: high, valueOf: near, numberOf: (value) => value, next: (value, sign, fine) => near(value + sign * (fine ? by : Math.max(by, niceStep((high - low) / 100)))) };
}

const ARROWS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 };

/**
 * A name, a number field and a slider for one number.
 *
 * `onchange(value, event)` is called at each move and each key, with finite numbers only.
 */
function sliderRow(control, value, onchange) {
  const { label, unit, integer } = control;
  let travel = travelOf(control);
  let base = control.default; // a small mark on the slider, and where a double click leads
  const name = named(label, unit);
  const range = h("input", { type: "range", min: travel.min, max: travel.max, step: "any", "aria-label": name });
  const field = h("input", { type: "number", step: integer ? 1 : "any", inputmode: "decimal", "aria-label": name });
  const element = h("div", { class: "row" }, h("span", { class: "name" }, label, unit && h("span", { class: "unit" }, signed(unit))), field, range);

  const place = (number) => clamp((travel.numberOf(number) - travel.min) / (travel.max - travel.min || 1), 0, 1);
  const showRange = (number) => {
    range.value = String(finite(number) ? travel.numberOf(number) : travel.min);
    range.style.setProperty("--fill", (finite(number) ? place(number) : 0).toFixed(4));
    range.setAttribute("aria-valuetext", `${numberText(number)}${unit ? ` ${unit}` : ""}`);
  };
  const showBase = () => range.style.setProperty("--base", finite(base) ? place(base).toFixed(4) : "-1");
  const set = (number) => {
    value = number;
    if (element.ownerDocument.activeElement !== field || Number(field.value) !== number) field.value = finite(number) ? numberText(number, 6) : "";
    field.removeAttribute("aria-invalid");
    showRange(number);
  };
  const move = (number, event) => {
    set(number);
    onchange(number, event);
  };
  range.addEventListener("input", (event) => {
    const next = travel.valueOf(Number(range.value));
    if (next !== value) move(next, event);
    else showRange(value);
  });
  range.addEventListener("keydown", (event) => {
    const sign = ARROWS[event.key];
    if (!sign || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    const next = travel.next(finite(value) ? value : travel.valueOf(Number(range.value)), sign, event.shiftKey);
    if (next !== value) move(next, event);
  });
  range.addEventListener("dblclick", (event) => finite(base) && move(base, event));
  field.addEventListener("input", (event) => {
    const number = field.value.trim() === "" ? NaN : Number(field.value);
    if (!finite(number)) return field.setAttribute("aria-invalid", "true");
    field.removeAttribute("aria-invalid");
    value = number;
    showRange(number);
    onchange(number, event);
  });
  field.addEventListener("change", () => set(value));
  set(value);
  showBase();
  return {
    element, set,
    setBase(number) {
      base = number;
      showBase();
    },
    setHigh(high) {
      travel = travelOf({ ...control, high });
      range.max = travel.max;
      showRange(value);
      showBase();
    },
  };
}

/** A select with a name. `groups` are [label, [[value, text], ...]]; a label of "" makes no group. */
function selectOf(label, groups, onchange) {
  const options = (list) => list.map(([value, text]) => h("option", { value }, text));
  const content = groups.map(([group, list]) => (group ? h("optgroup", { label: group }, ...options(list)) : options(list)));
  return h("select", { "aria-label": label, onchange }, ...content.flat());
}

const labelled = (text, control) => h("div", { class: "pair" }, h("span", { class: "name" }, text), control);

// ---------------------------------------------------------------- axes

/** Round numbers within a range, and how to write them. */
function ticksOf(low, high, count) {
  const step = niceStep((high - low) / Math.max(1, count));
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const found = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) found.push(k * step);
  const large = Math.max(Math.abs(low), Math.abs(high)) >= 1e5 || step < 1e-4;
  return found.map((value) => ({ value, text: signed(large ? numberText(value, 3) : (value || 0).toFixed(Math.min(decimals, 6))) }));
}

const scaleOf = (low, high, from, to) => {
  const factor = (to - from) / (high - low || 1);
  return (value) => from + (value - low) * factor;
};

/** Ranges of axes that grow at once and shrink only when most of them is empty, so that they do not jump in a drag. */
class SteadyRanges {
  #ranges = new Map();

  fit(key, low, high, margin = 0.06) {
    if (!(high >= low)) [low, high] = [0, 1];
    const least = Math.max(1e-9, 1e-3 * Math.max(Math.abs(low), Math.abs(high)));
    if (high - low < least) [low, high] = [low - least, high + least];
    const old = this.#ranges.get(key);
    if (old && old[0] <= low && high <= old[1] && high - low > 0.4 * (old[1] - old[0])) return old;
    const pad = margin * (high - low);
    const range = [low - pad, high + pad];
    this.#ranges.set(key, range);
    return range;
  }

  clear() {
    this.#ranges.clear();
  }
}

const FONT = '11px ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, "DejaVu Sans", sans-serif';
const BOLD = FONT.replace("11px", "600 11px");

function text(ctx, content, x, y, { color, align = "left", baseline = "middle", font = FONT } = {}) {
  ctx.font = font;
  ctx.fillStyle = color;
  ctx.textAlign = align;
  ctx.textBaseline = baseline;
  ctx.fillText(content, x, y);
}

/** Lines given as [x0, y0, x1, y1], on whole pixels. */
function lines(ctx, color, list, dash = []) {
  ctx.beginPath();
  for (const [x0, y0, x1, y1] of list) {
    const [shiftX, shiftY] = [x0 === x1 ? 0.5 : 0, y0 === y1 ? 0.5 : 0];
    ctx.moveTo(Math.floor(x0) + shiftX, Math.floor(y0) + shiftY);
    ctx.lineTo(Math.floor(x1) + shiftX, Math.floor(y1) + shiftY);
  }
  ctx.strokeStyle = color;
  ctx.lineWidth = 1;
  ctx.setLineDash(dash);
  ctx.stroke();
  ctx.setLineDash([]);
}

/** Grid, ticks and names of a box {left, right, top, bottom}. */
function axes(ctx, box, palette, { x, y, xName, yName, xTicks = 6, yTicks = 4 }) {
  const { left, right, top, bottom } = box;
  if (y) {
    const at = scaleOf(y[0], y[1], bottom, top);
    const ticks = ticksOf(y[0], y[1], yTicks);
    lines(ctx, palette.grid, ticks.map(({ value }) => [left, at(value), right, at(value)]));
    for (const { value, text: label } of ticks) text(ctx, label, left - 6, at(value), { color: palette.faint, align: "right" });
  }
  if (x) {
    const at = scaleOf(x[0], x[1], left, right);
    const ticks = ticksOf(x[0], x[1], xTicks);
    lines(ctx, palette.grid, ticks.map(({ value }) => [at(value), top, at(value), bottom]));
    ctx.font = FONT;
    const limit = xName ? right - ctx.measureText(xName).width - 8 : Infinity; // where the name begins
    for (const { value, text: label } of ticks) {
      const half = ctx.measureText(label).width / 2;
      const place = clamp(at(value), left + half - 6, right - half + 6);
      if (place + half < limit) text(ctx, label, place, bottom + 12, { color: palette.faint, align: "center" });
    }
  }
  lines(ctx, palette.line, [[left, bottom, right, bottom], [left, top, left, bottom]]);
  if (xName) text(ctx, xName, right, bottom + 12, { color: palette.muted, align: "right" });
  if (yName) text(ctx, yName, left + 6, top + 8, { color: palette.muted });
}

function dot(ctx, x, y, color, palette, radius = 4.5) {
  ctx.beginPath();
  ctx.arc(x, y, radius, 0, 2 * Math.PI);
  ctx.fillStyle = color;
  ctx.fill();
  ctx.lineWidth = 1.5;
  ctx.strokeStyle = palette.panel;
  ctx.stroke();
}

/** Colours of the theme, from the style sheet. */
function paletteOf(root) {
  const style = getComputedStyle(root);
  const names = ["panel", "ink", "muted", "faint", "line", "grid", "accent", "frozen", "arrow", "path", "current", "exc", "inh", "good"];
  const palette = Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
  palette.variables = [0, 1, 2, 3, 4].map((i) => style.getPropertyValue(`--variable-${i}`).trim());
  return palette;
}

// ---------------------------------------------------------------- plots

/** Canvases on top of each other that fill a box, sharp on any screen, and drawn again whenever that changes. */
class Plot {
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

// ---------------------------------------------------------------- traces over time

const TRACE = { left: 52, right: 12, top: 22, bottom: 24, gap: 12 };
const WEIGHTS = { voltage: 3, others: 1.35, current: 1 };

/** Boxes of the panels: the voltage, other variables by unit, the current. */
function tracePanels(trace, width, height) {
  const { names, units, voltage } = trace;
  const groups = [{ names: [voltage], weight: WEIGHTS.voltage }];
  for (const name of names) {
    if (name === voltage || name === "I") continue;
    const same = groups.slice(1).find((group) => units[group.names[0]] === units[name]);
    if (same) same.names.push(name);
    else groups.push({ names: [name], weight: WEIGHTS.others });
  }
  if (names.includes("I")) groups.push({ names: ["I"], weight: WEIGHTS.current });
  const room = height - TRACE.top - TRACE.bottom - TRACE.gap * (groups.length - 1);
  const weight = groups.reduce((sum, group) => sum + group.weight, 0);
  let top = TRACE.top;
  return groups.map((group) => {
    const size = (room * group.weight) / weight;
    const panel = { ...group, left: TRACE.left, right: width - TRACE.right, top, bottom: top + size };
    top += size + TRACE.gap;
    return panel;
  });
}

const traceColor = (trace, name, palette) =>
  name === "I" ? palette.current : palette.variables[trace.names.indexOf(name) % palette.variables.length];

/** Lowest and highest of one trace. */
function extent(trace, name) {
  const row = trace.names.indexOf(name);
  if (row < 0) return [Infinity, -Infinity];
  const band = trace.band.subarray(2 * row * trace.columns, 2 * (row + 1) * trace.columns);
  let [low, high] = [Infinity, -Infinity];
  for (const value of band) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

/** One line through the least and the largest value of each pixel column, whichever is nearer first. */
function strokeBand(ctx, trace, name, xAt, yAt) {
  const row = trace.names.indexOf(name);
  if (row < 0) return;
  const { band, columns, t0, t1, polyline } = trace;
  const shift = polyline ? 1 : 0.5; // a sample is the end of its step, a column has its middle
  const dx = (xAt(t1) - xAt(t0)) / columns;
  const begin = xAt(t0) + shift * dx;
  let last = NaN;
  ctx.beginPath();
  for (let i = 0, k = 2 * row * columns; i < columns; i++, k += 2) {
    const [low, high] = [band[k], band[k + 1]];
    if (!(low <= high)) {
      last = NaN;
      continue;
    }
    const x = begin + i * dx;
    const rises = !(Math.abs(last - high) < Math.abs(last - low));
    const [first, second] = rises ? [low, high] : [high, low];
    const lean = first === second ? 0 : dx / 4; // a slope without stairs
    if (last !== last) ctx.moveTo(x - lean, yAt(first));
    else ctx.lineTo(x - lean, yAt(first));
    if (lean) ctx.lineTo(x + lean, yAt(second));
    last = second;
  }
  ctx.stroke();
}

function strokeSpikes(ctx, trace, box, xAt, y0, y1, color) {
  ctx.beginPath();
  for (const t of trace.spikes) {
    const x = xAt(t);
    if (x < box.left - 1 || x > box.right + 1) continue;
    ctx.moveTo(x, y0);
    ctx.lineTo(x, y1);
  }
  ctx.strokeStyle = color;
  ctx.lineWidth = 1.5;
  ctx.stroke();
}

/** Where the panels and their scales are; used for drawing, the dot and the pointer alike. */
function traceFrame(trace, frozen, ranges, width, height) {
  const panels = tracePanels(trace, width, height);
  const xAt = scaleOf(trace.t0, trace.t1, TRACE.left, width - TRACE.right);
  for (const panel of panels) {
    const all = panel.names.flatMap((name) => [extent(trace, name), ...(frozen ? [extent(frozen, name)] : [])]);
    let [low, high] = [Math.min(...all.map((one) => one[0])), Math.max(...all.map((one) => one[1]))];
    if (panel.names[0] === "I") [low, high] = [Math.min(low, 0), Math.max(high, 0)];
    panel.range = ranges.fit(panel.names.join(), low, high, 0.08);
    panel.yAt = scaleOf(...panel.range, panel.bottom, panel.top);
  }
  return { panels, xAt };
}

function drawTraces(ctx, width, height, palette, { trace, frozen, frame, kicks }) {
  const { panels, xAt } = frame;
  const first = panels[0];
  const last = panels.at(-1);
  const count = clamp(Math.round((width - 64) / 90), 3, 12);
  for (const panel of panels) {
    axes(ctx, panel, palette, { y: panel.range, yTicks: clamp((panel.bottom - panel.top) / 44, 1, 6),
      ...(panel === last && { x: [trace.t0, trace.t1], xTicks: count, xName: "t, ms" }) });
    if (panel !== last) {
      lines(ctx, palette.grid, ticksOf(trace.t0, trace.t1, count).map(({ value }) => [xAt(value), panel.top, xAt(value), panel.bottom]));
    }
    ctx.save();
    ctx.beginPath();
    ctx.rect(panel.left, panel.top - 4, panel.right - panel.left, panel.bottom - panel.top + 8);
    ctx.clip();
    ctx.lineJoin = "bevel";
    ctx.lineWidth = 1.25;
    if (frozen) {
      ctx.strokeStyle = palette.frozen;
      for (const name of panel.names) strokeBand(ctx, frozen, name, xAt, panel.yAt);
    }
    for (const name of panel.names) {
      ctx.strokeStyle = traceColor(trace, name, palette);
      strokeBand(ctx, trace, name, xAt, panel.yAt);
    }
    ctx.restore();
    drawPanelName(ctx, panel, trace, palette);
  }
  if (frozen) strokeSpikes(ctx, frozen, first, xAt, 2, 8, palette.frozen);
  strokeSpikes(ctx, trace, first, xAt, frozen ? 10 : 6, frozen ? 16 : 15, traceColor(trace, trace.voltage, palette));
  drawKicks(ctx, kicks, last, xAt, palette);
}

function drawPanelName(ctx, panel, trace, palette) {
  let x = panel.left + 8;
  const y = panel.top + 8;
  const unit = trace.units[panel.names[0]];
  const parts = panel.names.map((name) => [name, traceColor(trace, name, palette), BOLD]);
  if (unit) parts.push([signed(unit), palette.muted, FONT]);
  ctx.font = BOLD;
  const wide = parts.reduce((sum, [content]) => sum + ctx.measureText(content).width + 6, 0);
  ctx.globalAlpha = 0.8;
  ctx.fillStyle = palette.panel;
  ctx.fillRect(x - 4, y - 8, wide + 2, 16);
  ctx.globalAlpha = 1;
  for (const [content, color, font] of parts) {
    text(ctx, content, x, y, { color, font });
    x += ctx.measureText(content).width + 6;
  }
}

function drawKicks(ctx, kicks, panel, xAt, palette) {
  ctx.fillStyle = palette.ink;
  for (const t of kicks) {
    const x = xAt(t);
    if (!(x >= panel.left && x <= panel.right)) continue;
    ctx.beginPath();
    ctx.moveTo(x, panel.top - 1);
    ctx.lineTo(x - 4, panel.top - 9);
    ctx.lineTo(x + 4, panel.top - 9);
    ctx.fill();
  }
}

/** Index of the last point of a path whose time is not after t. */
function pathIndex(path, t) {
  let [low, high] = [0, path.points - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (path.data[middle] <= t) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Values of a row of a path at a time: between two points, or the last one before the pen was lifted. */
function pathValue(path, row, index, t) {
  const at = row * path.points;
  let k = index;
  while (k > 0 && !Number.isFinite(path.data[at + k])) k--;
  const [now, next] = [path.data[at + k], path.data[at + k + 1]];
  const [t0, t1] = [path.data[k], path.data[k + 1]];
  if (k !== index || k + 1 >= path.points || !Number.isFinite(next) || !(t1 > t0)) return now;
  return now + ((next - now) * clamp(t - t0, 0, t1 - t0)) / (t1 - t0);
}

function drawTraceMarks(ctx, width, height, palette, { trace, frame, time, hover }) {
  const { panels, xAt } = frame;
  const [top, bottom] = [panels[0].top, panels.at(-1).bottom];
  if (hover !== null) {
    const x = xAt(hover);
    lines(ctx, palette.faint, [[x, top, x, bottom]], [3, 3]);
    drawHover(ctx, palette, trace, panels, hover, x);
  }
  if (time === null) return;
  const x = xAt(time);
  if (x < TRACE.left || x > width - TRACE.right) return;
  lines(ctx, palette.muted, [[x, top, x, bottom]]);
  const index = pathIndex(trace.path, time);
  for (const panel of panels) {
    for (const name of panel.names) {
      if (name === "I") continue;
      const y = panel.yAt(pathValue(trace.path, 1 + trace.names.indexOf(name), index, time));
      if (Number.isFinite(y)) dot(ctx, x, y, traceColor(trace, name, palette), palette);
    }
  }
}

function drawHover(ctx, palette, trace, panels, t, x) {
  const index = pathIndex(trace.path, t);
  const parts = [[`t ${shown(t, 4)}`, palette.muted]];
  for (const name of trace.names) {
    if (name !== "I") parts.push([`${name} ${shown(pathValue(trace.path, 1 + trace.names.indexOf(name), index, t), 4)}`, traceColor(trace, name, palette)]);
  }
  ctx.font = FONT;
  const wide = parts.reduce((sum, [content]) => sum + ctx.measureText(content).width + 8, 4);
  const right = panels[0].right;
  let at = x + 8 + wide > right ? x - 8 - wide : x + 8;
  const y = panels[0].top + 10;
  ctx.fillStyle = palette.panel;
  ctx.globalAlpha = 0.9;
  ctx.fillRect(at, y - 9, wide, 18);
  ctx.globalAlpha = 1;
  at += 6;
  for (const [content, color] of parts) {
    text(ctx, content, at, y, { color });
    at += ctx.measureText(content).width + 8;
  }
}

// ---------------------------------------------------------------- phase plane

const PLANE = { left: 46, right: 12, top: 10, bottom: 24 };

function planeFrame(plane, width, height) {
  const box = { left: PLANE.left, right: width - PLANE.right, top: PLANE.top, bottom: height - PLANE.bottom };
  return { box, xAt: scaleOf(plane.x.low, plane.x.high, box.left, box.right), yAt: scaleOf(plane.y.low, plane.y.high, box.bottom, box.top) };
}

function clipTo(ctx, { left, right, top, bottom }) {
  ctx.beginPath();
  ctx.rect(left, top, right - left, bottom - top);
  ctx.clip();
}

/** A line through points; the pen is lifted at NaN. */
function strokePoints(ctx, count, xOf, yOf) {
  let down = false;
  ctx.beginPath();
  for (let i = 0; i < count; i++) {
    const [x, y] = [xOf(i), yOf(i)];
    if (x !== x || y !== y) down = false;
    else if (down) ctx.lineTo(x, y);
    else {
      ctx.moveTo(x, y);
      down = true;
    }
  }
  ctx.stroke();
}

function drawField(ctx, plane, { box, xAt, yAt }, palette) {
  if (!plane.field) return;
  const { data, shape: [rows, columns] } = plane.field;
  const [wide, high] = [box.right - box.left, box.bottom - box.top];
  const length = 0.62 * Math.min(wide / columns, high / rows);
  ctx.beginPath();
  for (let row = 0; row < rows; row++) {
    const y = yAt(plane.field_y[0] + ((plane.field_y[1] - plane.field_y[0]) * row) / (rows - 1));
    for (let column = 0; column < columns; column++) {
      const k = 2 * (row * columns + column);
      let [dx, dy] = [data[k] * wide, -data[k + 1] * high];
      const size = Math.hypot(dx, dy);
      if (!(size > 0)) continue;
      dx *= length / size;
      dy *= length / size;
      const x = xAt(plane.field_x[0] + ((plane.field_x[1] - plane.field_x[0]) * column) / (columns - 1));
      const [tipX, tipY] = [x + dx / 2, y + dy / 2];
      ctx.moveTo(x - dx / 2, y - dy / 2);
      ctx.lineTo(tipX, tipY);
      ctx.moveTo(tipX - 0.3 * dx - 0.2 * dy, tipY - 0.3 * dy + 0.2 * dx);
      ctx.lineTo(tipX, tipY);
      ctx.lineTo(tipX - 0.3 * dx + 0.2 * dy, tipY - 0.3 * dy - 0.2 * dx);
    }
  }
  ctx.strokeStyle = palette.arrow;
  ctx.lineWidth = 1;
  ctx.stroke();
}

const nullclineColor = (plane, line, palette) =>
  plane.form === "line" ? palette.variables[0] : palette.variables[Math.max(0, plane.names.indexOf(line.name)) % palette.variables.length];

function drawNullclines(ctx, plane, { xAt, yAt }, palette) {
  ctx.lineJoin = "round";
  plane.lines.forEach(({ data, of }) => {
    const line = plane.nullclines[of];
    ctx.strokeStyle = nullclineColor(plane, line, palette);
    ctx.globalAlpha = line.dashed ? 0.55 : 1;
    ctx.lineWidth = line.dashed ? 1.25 : 2;
    ctx.setLineDash(line.dashed ? [5, 4] : []);
    strokePoints(ctx, data.length / 2, (i) => xAt(data[2 * i]), (i) => yAt(data[2 * i + 1]));
  });
  ctx.setLineDash([]);
  ctx.globalAlpha = 1;
}

/** Filled: stable; half: saddle; open: unstable. */
function drawFixedPoint(ctx, x, y, { stable, kind }, palette, radius = 5.5) {
  ctx.beginPath();
  ctx.arc(x, y, radius, 0, 2 * Math.PI);
  ctx.fillStyle = stable ? palette.ink : palette.panel;
  ctx.fill();
  ctx.strokeStyle = palette.ink;
  ctx.lineWidth = 1.75;
  ctx.stroke();
  if (stable || !kind.startsWith("saddle")) return;
  ctx.beginPath();
  ctx.arc(x, y, radius, Math.PI / 2, 1.5 * Math.PI);
  ctx.fillStyle = palette.ink;
  ctx.fill();
}

function drawPlane(ctx, width, height, palette, plane) {
  const frame = planeFrame(plane, width, height);
  const { box, xAt, yAt } = frame;
  axes(ctx, box, palette, { x: [plane.x.low, plane.x.high], y: [plane.y.low, plane.y.high], xTicks: 5, yTicks: 5,
    xName: named(plane.x.name, signed(plane.x.unit)) });
  ctx.save();
  clipTo(ctx, box);
  if (plane.field) drawField(ctx, plane, frame, palette);
  if (plane.form === "line") lines(ctx, palette.muted, [[box.left, yAt(0), box.right, yAt(0)]]);
  drawNullclines(ctx, plane, frame, palette);
  ctx.restore();
  const name = named(plane.y.name, signed(plane.y.unit));
  ctx.font = FONT;
  ctx.fillStyle = palette.panel;
  ctx.globalAlpha = 0.85;
  ctx.fillRect(box.left + 2, box.top, ctx.measureText(name).width + 8, 17);
  ctx.globalAlpha = 1;
  text(ctx, name, box.left + 6, box.top + 9, { color: palette.muted });
}

/** The run in the phase plane; the fixed points, which should not be hidden by it, come after. */
function drawPlanePath(ctx, width, height, palette, { plane, trace, start }) {
  const frame = planeFrame(plane, width, height);
  const { box, xAt, yAt } = frame;
  ctx.save();
  clipTo(ctx, box);
  ctx.strokeStyle = palette.path;
  ctx.lineWidth = 1.1;
  ctx.lineJoin = "bevel";
  const [x, y, count] = pathInPlane(plane, trace);
  if (count) strokePoints(ctx, count, (i) => xAt(x[i]), (i) => yAt(y[i]));
  ctx.restore();
  if (start) {
    ctx.beginPath();
    ctx.arc(xAt(start.x), yAt(start.y), 4, 0, 2 * Math.PI);
    ctx.strokeStyle = palette.accent;
    ctx.lineWidth = 2;
    ctx.stroke();
  }
  for (const point of plane.fixed) {
    const inside = point.x >= plane.x.low && point.x <= plane.x.high && point.y >= plane.y.low && point.y <= plane.y.high;
    if (inside) drawFixedPoint(ctx, xAt(point.x), yAt(point.y), point, palette);
  }
}

/** Coordinates of the run in a plane: two arrays, and how many points. */
function pathInPlane(plane, trace) {
  if (plane.along) {
    const count = plane.along.length / 2;
    return [plane.along.subarray(0, count), plane.along.subarray(count), count];
  }
  const row = (name) => 1 + trace.names.indexOf(name);
  const [i, j, { data, points }] = [row(plane.x.name), row(plane.y.name), trace.path];
  if (i < 1 || j < 1) return [[], [], 0];
  return [data.subarray(i * points, (i + 1) * points), data.subarray(j * points, (j + 1) * points), points];
}

function drawPlaneDot(ctx, width, height, palette, { plane, trace, time }) {
  if (time === null) return;
  const { box, xAt, yAt } = planeFrame(plane, width, height);
  const index = pathIndex(trace.path, time);
  let [x, y] = [NaN, NaN];
  if (plane.along) {
    const [along, rate, count] = pathInPlane(plane, trace);
    let k = Math.min(index, count - 1);
    while (k > 0 && !Number.isFinite(rate[k])) k--;
    [x, y] = [along[k], rate[k]];
  } else {
    [x, y] = [plane.x, plane.y].map(({ name }) => pathValue(trace.path, 1 + trace.names.indexOf(name), index, time));
  }
  const [px, py] = [clamp(xAt(x), box.left, box.right), clamp(yAt(y), box.top, box.bottom)];
  if (Number.isFinite(px + py)) dot(ctx, px, py, palette.variables[0], palette, 5);
}

// ---------------------------------------------------------------- rate against current, intervals

const SMALL = { left: 40, right: 10, top: 8, bottom: 24 };
const smallBox = (width, height) => ({ left: SMALL.left, right: width - SMALL.right, top: SMALL.top, bottom: height - SMALL.bottom });

/** Value at x of a line through points; NaN outside. */
function lineAt(xs, ys, x) {
  for (let i = 1; i < xs.length; i++) {
    if (xs[i - 1] <= x && x <= xs[i]) return ys[i - 1] + ((ys[i] - ys[i - 1]) * (x - xs[i - 1])) / (xs[i] - xs[i - 1] || 1);
  }
  return NaN;
}

function drawCurve(ctx, width, height, palette, { curve, ranges }) {
  const box = smallBox(width, height);
  const { currents, rate, firstRate } = curve;
  const x = [currents[0], currents.at(-1)];
  let highest = 1;
  for (const value of [...rate, ...firstRate]) if (value > highest) highest = value;
  const y = [0, ranges.fit("rate", 0, highest, 0.08)[1]];
  axes(ctx, box, palette, { x, y, xTicks: (box.right - box.left) / 55, yTicks: 3, xName: named("I", signed(curve.unit)), yName: "Hz" });
  const [xAt, yAt] = [scaleOf(...x, box.left, box.right), scaleOf(...y, box.bottom, box.top)];
  ctx.save();
  clipTo(ctx, { ...box, top: 0, bottom: height });
  ctx.lineWidth = 1;
  ctx.strokeStyle = palette.faint;
  ctx.setLineDash([3, 3]);
  strokePoints(ctx, currents.length, (i) => xAt(currents[i]), (i) => yAt(firstRate[i]));
  ctx.setLineDash([]);
  ctx.lineWidth = 2;
  ctx.strokeStyle = palette.variables[0];
  strokePoints(ctx, currents.length, (i) => xAt(currents[i]), (i) => yAt(rate[i]));
  ctx.restore();
  if (!(curve.current >= x[0] && curve.current <= x[1])) return;
  const at = xAt(curve.current);
  lines(ctx, palette.current, [[at, box.top, at, box.bottom]]);
  dot(ctx, at, yAt(lineAt(currents, rate, curve.current)), palette.variables[0], palette);
}

function drawIntervals(ctx, width, height, palette, { counts, edges }) {
  const box = smallBox(width, height);
  if (!counts.length) {
    lines(ctx, palette.line, [[box.left, box.bottom, box.right, box.bottom]]);
    text(ctx, "fewer than two spikes", (box.left + box.right) / 2, (box.top + box.bottom) / 2, { color: palette.faint, align: "center" });
    return;
  }
  const highest = Math.max(1, ...counts);
  const y = [0, highest * 1.08];
  axes(ctx, box, palette, { x: edges, xTicks: (box.right - box.left) / 55, xName: "ms" });
  const yAt = scaleOf(...y, box.bottom, box.top);
  const ticks = ticksOf(0, highest, 3).filter(({ value }) => Number.isInteger(value));
  for (const { value } of ticks) text(ctx, numberText(value), box.left - 6, yAt(value), { color: palette.faint, align: "right" });
  const wide = (box.right - box.left) / counts.length;
  ctx.fillStyle = palette.variables[0];
  counts.forEach((count, i) => {
    if (count) ctx.fillRect(box.left + i * wide + 0.5, yAt(count), Math.max(1, wide - 1), box.bottom - yAt(count));
  });
}

// ---------------------------------------------------------------- one request in flight, the newest settings win

class Requests {
  seq = 0;
  #sent = 0;
  #busy = false;
  #waiting = false;
  #moved = null; // when the hand moved, of what waits and of what was sent
  #movedSent = null;

  /** `post(seq)` sends the present settings. */
  constructor(post) {
    this.post = post;
  }

  change(moved = performance.now()) {
    this.#moved = moved;
    if (this.#busy) this.#waiting = true;
    else this.#send();
  }

  /** An answer has come: true if it is to the request in flight. The next one goes out before anything is drawn. */
  answered(seq) {
    if (seq !== this.#sent || !this.#busy) return null;
    const moved = this.#movedSent;
    this.#busy = false;
    if (this.#waiting) this.#send();
    return moved;
  }

  /** Number that the answer to the newest settings will have. */
  get newest() {
    return this.seq + (this.#waiting ? 1 : 0);
  }

  /** The connection is gone: nothing is in flight. */
  forget() {
    this.#busy = this.#waiting = false;
  }

  #send() {
    this.#sent = ++this.seq;
    this.#movedSent = this.#moved;
    this.#busy = true;
    this.#waiting = false;
    this.post(this.#sent);
  }
}

// ---------------------------------------------------------------- Python, in colours

const PYTHON = /(#.*$)|("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|\b(import|from|as|def|return|for|in|if|else|lambda|class|print|None|True|False)\b|(\b\d[\d_.]*(?:e[+-]?\d+)?\b)/gm;
const KINDS = ["comment", "string", "keyword", "number"];

function highlighted(code) {
  const nodes = [];
  let at = 0;
  for (const match of code.matchAll(PYTHON)) {
    nodes.push(code.slice(at, match.index));
    nodes.push(h("span", { class: `py-${KINDS[match.slice(1).findIndex((part) => part !== undefined)]}` }, match[0]));
    at = match.index + match[0].length;
  }
  return [...nodes, code.slice(at)];
}

async function copyText(content) {
  try {
    await navigator.clipboard.writeText(content);
  } catch { // not a secure page, or not allowed
    const area = h("textarea", { "aria-label": "text to copy", readonly: true });
    area.value = content;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}

function download(blob, name) {
  const address = URL.createObjectURL(blob);
  const anchor = h("a", { href: address, download: name });
  document.body.append(anchor);
  anchor.click();
  anchor.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

// ---------------------------------------------------------------- the pool: raster, rates, spectrum

const POOL = { left: 52, right: 12, smooth: 5 }; // smooth: ms over which drawn rates are averaged
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

/** The newest values of something per ms, as many as there are pixels. */
class Scroll {
  constructor(width, each, Type, fill) {
    Object.assign(this, { width, each, Type, fill });
    this.data = new Type(width * each).fill(fill);
  }

  push(values) {
    const keep = Math.max(0, this.data.length - values.length);
    this.data.copyWithin(0, this.data.length - keep);
    this.data.set(keep ? values : values.subarray(values.length - this.data.length), keep);
  }

  resized(width) {
    const other = new Scroll(width, this.each, this.Type, this.fill);
    other.push(this.data);
    return other;
  }
}

/** Spikes per ms and row, a pixel each; moved as a picture, drawn anew only where it has to be. */
class Raster {
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

function drawScroll(ctx, width, height, palette, { series, range, name, label, ratio, last }) {
  const box = { left: POOL.left, right: width - POOL.right, top: 6, bottom: height - (last ? 22 : 6) };
  axes(ctx, box, palette, { y: range, yTicks: 3 });
  const yAt = scaleOf(...range, box.bottom, box.top);
  ctx.save();
  clipTo(ctx, box);
  ctx.lineWidth = 1.25;
  ctx.lineJoin = "bevel";
  for (const { values, color } of series) {
    ctx.strokeStyle = color;
    strokePoints(ctx, values.length, (i) => box.right - (values.length - i) / ratio, (i) => yAt(values[i]));
  }
  ctx.restore();
  ctx.font = BOLD;
  text(ctx, name, box.left + 8, box.top + 8, { color: palette.ink, font: BOLD });
  text(ctx, label, box.left + 14 + ctx.measureText(name).width, box.top + 8, { color: palette.muted });
  if (!last) return;
  const span = ((box.right - box.left) * ratio) / 1000; // s
  const step = niceStep(span / 5);
  for (let back = 0; back <= span; back += step) {
    const x = box.right - (back / span) * (box.right - box.left);
    const content = back === 0 ? "now" : `−${numberText(back, 3)} s`;
    if (back && x - 18 < box.left) break;
    text(ctx, content, x, box.bottom + 12, { color: palette.faint, align: back === 0 ? "right" : "center" });
  }
}

function drawSpectrum(ctx, width, height, palette, { power, step, peak }) {
  const box = smallBox(width, height);
  box.left = 14;
  if (!power) {
    lines(ctx, palette.line, [[box.left, box.bottom, box.right, box.bottom]]);
    return text(ctx, "after the first second", (box.left + box.right) / 2, (box.top + box.bottom) / 2, { color: palette.faint, align: "center" });
  }
  const x = [0, (power.length - 1) * step];
  axes(ctx, box, palette, { x, xTicks: 4, xName: "Hz" });
  let highest = 0;
  for (let i = 1; i < power.length; i++) highest = Math.max(highest, power[i]);
  const [xAt, yAt] = [scaleOf(...x, box.left, box.right), scaleOf(0, highest * 1.1 || 1, box.bottom, box.top)];
  ctx.save();
  clipTo(ctx, box);
  ctx.strokeStyle = palette.exc;
  ctx.lineWidth = 1.5;
  strokePoints(ctx, power.length - 1, (i) => xAt((i + 1) * step), (i) => yAt(power[i + 1]));
  ctx.restore();
  if (!finite(peak)) return;
  lines(ctx, palette.muted, [[xAt(peak), box.top, xAt(peak), box.bottom]], [3, 3]);
  const right = xAt(peak) < (box.left + box.right) / 2;
  text(ctx, `${shown(peak, 3)} Hz`, xAt(peak) + (right ? 5 : -5), box.top + 8, { color: palette.ink, align: right ? "left" : "right" });
}

/** Moving mean over the last few values. */
function smoothed(values, span) {
  const found = new Float32Array(values.length);
  let sum = 0;
  let count = 0;
  values.forEach((value, i) => {
    if (value === value) {
      sum += value;
      count++;
    }
    const gone = values[i - span];
    if (gone === gone && i >= span) {
      sum -= gone;
      count--;
    }
    found[i] = count && value === value ? sum / count : NaN;
  });
  return found;
}

class PoolView {
  state = "stopped"; // building, running, paused
  cell = null; // settings of the neuron that all excitatory cells are like
  hidden = false; // paused because nobody looks
  frame = null;
  arrivals = [];
  ranges = new SteadyRanges();
  watched = 0;

  constructor(explorer) {
    const { catalogue, palette } = explorer;
    this.explorer = explorer;
    this.controls = defaultsOf(catalogue.pool.controls);
    this.size = catalogue.pool.sizes[0];
    this.exc = this.inh = this.voltage = new Scroll(1, 1, Float32Array, NaN);
    this.raster = new Raster(palette, (row) => this.watchRow(row));
    this.rates = new Plot("rates", "firing rates of excitatory and inhibitory neurons over time", { base: (...canvas) => this.drawRates(...canvas) }, palette, () => this.resize());
    this.trace = new Plot("watched", "voltage of the watched neuron over time", { base: (...canvas) => this.drawVoltage(...canvas) }, palette);
    this.spectrum = new Plot("spectrum", "spectrum of the excitatory rate", { base: (...canvas) => drawSpectrum(...canvas, this.power ?? {}) }, palette);
    this.element = this.build(catalogue.pool);
    this.show();
  }

  build({ controls, sizes }) {
    this.runButton = button({ icon: "play", text: "start", label: "start the pool", class: "primary", onclick: () => this.toggle() });
    this.sizeSelect = selectOf("number of neurons", [["", sizes.map((n) => [n, n.toLocaleString("en")])]], () => {
      this.size = Number(this.sizeSelect.value);
      if (this.state !== "stopped") this.start();
      this.explorer.saveLink();
    });
    this.kickButton = button({ icon: "kick", text: "kick", label: "kick the pool", onclick: () => this.act("kick") });
    this.cellsButton = button({ text: "make all excitatory cells like the neuron above", class: "wide", onclick: () => this.makeCells() });
    this.paperButton = button({ text: "cells of the paper again", class: "wide quiet", hidden: true, onclick: () => this.paperCells() });
    this.rows = controls.map((control) => [control.name, sliderRow(control, this.controls[control.name], (value) => {
      this.controls[control.name] = value;
      if (this.state !== "stopped") this.act("set", { controls: { [control.name]: value } });
      this.explorer.saveLink();
    })]);
    this.watchField = h("input", { type: "number", min: 0, step: 1, value: 0, "aria-label": "watched neuron", onchange: () => this.watch(Math.round(Number(this.watchField.value)) || 0) });
    this.pace = h("span", { class: "pace", role: "status" });
    this.slow = h("div", { class: "note", role: "status", hidden: true });
    this.numbers = Object.fromEntries(["exc", "inh", "peak", "synapses"].map((name) => [name, h("b", {}, "–")]));
    this.empty = h("div", { class: "empty" }, h("p", {}, "A thousand neurons and more, live: start them, and turn what drives them."));
    const number = (name, label, className) => h("div", { class: `readout ${className ?? ""}` }, h("span", {}, label), this.numbers[name]);
    return h("section", { class: "pool", "aria-label": "pool" },
      h("div", { class: "pool-bar" }, h("h2", {}, "Pool"), this.runButton, this.sizeSelect, h("span", { class: "muted" }, "neurons"), this.kickButton, this.pace),
      this.slow,
      h("div", { class: "pool-grid" },
        h("div", { class: "pool-controls" }, ...this.rows.map(([, row]) => row.element), labelled("watched neuron", this.watchField), this.cellsButton, this.paperButton),
        h("div", { class: "pool-plots" }, this.raster.element, this.rates.element, this.trace.element, this.empty),
        h("div", { class: "pool-side" },
          h("div", { class: "readouts" }, number("exc", "excitatory", "exc"), number("inh", "inhibitory", "inh"), number("peak", "peak"), number("synapses", "synapses")),
          h("h3", {}, "Spectrum of the rate"), this.spectrum.element)));
  }

  act(action, more = {}) {
    this.explorer.send({ kind: "pool", action, ...more });
  }

  toggle() {
    if (this.state === "running") this.act("pause");
    else if (this.state === "paused") this.act("resume");
    else if (this.state === "stopped") this.start();
  }

  start() {
    this.state = "building";
    this.arrivals = [];
    this.watched = 0;
    this.act("start", { n: this.size, controls: this.controls, cell: this.cell });
    this.show();
  }

  makeCells() {
    this.cell = structuredClone(this.explorer.settings);
    if (this.state !== "stopped") this.act("cells", { settings: this.cell });
    this.show();
    this.explorer.saveLink();
  }

  paperCells() {
    this.cell = null;
    if (this.state !== "stopped") this.start();
    this.show();
    this.explorer.saveLink();
  }

  watch(neuron) {
    this.act("watch", { neuron });
  }

  /** Rows share the neurons of their kind evenly, in order. */
  watchRow(row) {
    const { n, n_exc: exc, rows_exc: above } = this.frame;
    const rows = this.raster.rows;
    const middle = row < above ? ((row + 0.5) * exc) / above : exc + ((row - above + 0.5) * (n - exc)) / (rows - above);
    this.watch(clamp(Math.floor(middle), 0, n - 1));
  }

  rowOf(neuron) {
    const { n, n_exc: exc, rows_exc: above } = this.frame;
    return neuron < exc ? Math.floor((neuron * above) / exc) : above + Math.floor(((neuron - exc) * (this.raster.rows - above)) / (n - exc));
  }

  /** Nobody looks: no frames are drawn, so none are made. */
  pauseWhileHidden(hidden) {
    if (hidden && this.state === "running") {
      this.hidden = true;
      this.act("pause");
    } else if (!hidden && this.hidden) {
      this.hidden = false;
      this.act("resume");
    }
  }

  /** The host does not know this pool any more. */
  lost() {
    this.resumeAfter = this.state === "running" || this.state === "building";
    this.state = "stopped";
    this.show();
  }

  found() {
    if (this.resumeAfter) this.start();
    this.resumeAfter = false;
  }

  told({ state, n, synapses }) {
    this.state = state;
    if (synapses) this.numbers.synapses.textContent = synapses.toLocaleString("en");
    if (n) this.watchField.max = n - 1;
    this.arrivals = [];
    this.show();
  }

  failed() {
    if (this.state === "building") this.state = "stopped";
    this.cell = null; // what most likely was refused
    this.show();
  }

  receive(header, arrays) {
    const { ms } = header;
    const rows = arrays.raster.shape[1];
    const rates = arrays.rates.data;
    this.frame = header;
    if (this.state === "building") this.state = "running";
    this.resize();
    this.raster.shape(rows, header.rows_exc, header.n / rows);
    this.raster.push(arrays.raster.data, ms);
    this.exc.push(rates.subarray(0, ms));
    this.inh.push(rates.subarray(ms, 2 * ms));
    if (header.watched !== this.watched) this.voltage.data.fill(NaN);
    this.voltage.push(arrays.v.data);
    if (arrays.spectrum) {
      this.power = { power: arrays.spectrum.data, step: header.spectrum_step, peak: header.peak_hz };
      this.spectrum.draw();
    }
    this.rates.draw();
    this.trace.draw();
    this.showFrame(header);
    this.act("ack", { frame: header.frame });
  }

  showFrame({ rate_exc: exc, rate_inh: inh, factor, slow, n, peak_hz: peak, watched }) {
    const now = performance.now();
    this.arrivals.push(now);
    while (this.arrivals[0] < now - 1000) this.arrivals.shift();
    // Rates of one frame flicker: the mean of the last second is what can be read.
    this.meanRates = (this.meanRates ?? [exc, inh]).map((mean, i) => mean + 0.08 * ([exc, inh][i] - mean));
    if (this.shownAt === undefined || now - this.shownAt > 250) {
      this.shownAt = now;
      const [first, last] = [this.arrivals[0], this.arrivals.at(-1)];
      const frames = this.arrivals.length > 1 ? ((this.arrivals.length - 1) * 1000) / (last - first) : 0;
      this.pace.textContent = `${factor.toFixed(2)} × real time · ${frames.toFixed(0)} frames/s`;
      this.numbers.exc.textContent = `${this.meanRates[0].toFixed(1)} Hz`;
      this.numbers.inh.textContent = `${this.meanRates[1].toFixed(1)} Hz`;
      this.numbers.peak.textContent = finite(peak) ? `${peak.toFixed(1)} Hz` : "–";
      this.slow.hidden = !slow;
      if (slow) this.slow.textContent = `This machine is too slow for ${n.toLocaleString("en")} neurons in real time: it runs at ${shown(factor, 2)} ×.`;
    }
    if (watched !== this.watched || this.raster.mark.hidden) {
      this.watched = watched;
      this.raster.markRow(this.rowOf(watched));
      if (this.watchField !== document.activeElement) this.watchField.value = watched;
    }
  }

  show() {
    const running = this.state === "running";
    const building = this.state === "building";
    setIcon(this.runButton, running ? "pause" : "play");
    const word = { running: "pause", paused: "resume", building: "building …", stopped: "start" }[this.state];
    this.runButton.lastChild.textContent = word;
    this.runButton.setAttribute("aria-label", building ? "the pool is being built" : `${word} the pool`);
    this.runButton.disabled = building;
    this.kickButton.disabled = !running;
    if (this.state === "paused") this.pace.textContent = "paused";
    if (building) this.pace.textContent = `building ${this.size.toLocaleString("en")} neurons …`;
    if (this.state === "stopped") this.pace.textContent = "";
    if (!running) this.slow.hidden = true;
    this.empty.hidden = this.frame !== null || this.state !== "stopped";
    this.element.classList.toggle("unused", !this.empty.hidden);
    this.paperButton.hidden = this.cell === null;
    this.element.dataset.state = this.state;
  }

  resize() {
    const ratio = window.devicePixelRatio || 1;
    const width = Math.round((this.rates.width - POOL.left - POOL.right) * ratio);
    if (width < 1 || width === this.exc.width) return;
    for (const name of ["exc", "inh", "voltage"]) this[name] = this[name].resized(width);
    this.raster.resize(width);
    this.draw();
  }

  draw() {
    this.raster.draw();
    for (const plot of [this.rates, this.trace, this.spectrum]) plot.draw();
  }

  drawRates(ctx, width, height, palette) {
    const series = [[this.inh, palette.inh], [this.exc, palette.exc]].map(([scroll, color]) => ({ values: smoothed(scroll.data, POOL.smooth), color }));
    let highest = 5;
    for (const { values } of series) for (const value of values) if (value > highest) highest = value;
    const range = [0, this.ranges.fit("rates", 0, highest)[1]];
    drawScroll(ctx, width, height, palette, { series, range, name: "rate", label: "Hz", ratio: window.devicePixelRatio || 1 });
  }

  drawVoltage(ctx, width, height, palette) {
    let [low, high] = [-80, 30];
    for (const value of this.voltage.data) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
    const range = this.ranges.fit("v", low, high);
    const series = [{ values: this.voltage.data, color: palette.variables[0] }];
    drawScroll(ctx, width, height, palette, { series, range, name: "v", label: `mV, neuron ${this.watched}`, ratio: window.devicePixelRatio || 1, last: true });
  }

  stop() {
    if (this.state !== "stopped") this.act("stop");
    for (const plot of [this.rates, this.trace, this.spectrum]) plot.stop();
  }

  /** What a link keeps. */
  get shared() {
    return { n: this.size, controls: this.controls, cell: this.cell };
  }

  restore({ n, controls, cell } = {}) {
    if (finite(n)) {
      this.size = n;
      this.sizeSelect.value = String(n);
    }
    if (controls && typeof controls === "object") Object.assign(this.controls, controls);
    if (cell && typeof cell === "object") this.cell = cell;
    for (const [name, row] of this.rows) row.set(this.controls[name]);
    this.show();
  }
}

// ---------------------------------------------------------------- the tour

class Tour {
  index = null;
  done = false;

  constructor(explorer) {
    this.explorer = explorer;
    this.steps = explorer.catalogue.tour ?? [];
    this.count = h("span", { class: "muted" });
    this.title = h("h2", {});
    this.text = h("p", {});
    this.hint = h("details", {}, h("summary", {}, "hint"), h("p", {}));
    this.next = button({ text: "skip", onclick: () => this.go(this.index + 1) });
    this.verdict = h("span", { class: "verdict", role: "status" });
    this.element = h("aside", { class: "tour", "aria-label": "guided tour", hidden: true },
      h("header", {}, icon("tour"), this.title, this.count, button({ icon: "close", label: "end the tour", class: "quiet", onclick: () => this.end() })),
      this.text, h("footer", {}, this.hint, this.verdict, this.next));
  }

  begin() {
    if (this.index === null) this.go(0);
    else this.end();
  }

  go(index) {
    if (index >= this.steps.length) return this.end("That was the tour: the rest is yours.");
    const step = this.steps[index];
    this.index = index;
    this.title.textContent = step.title;
    this.count.textContent = `${index + 1} of ${this.steps.length}`;
    this.text.textContent = step.text;
    this.hint.open = false;
    this.hint.hidden = !step.hint;
    this.hint.lastChild.textContent = step.hint ?? "";
    this.show(false);
    this.explorer.settings.tour = index;
    this.explorer.change();
  }

  end(words) {
    this.index = null;
    this.element.hidden = true;
    this.explorer.settings.tour = null;
    this.explorer.change();
    if (words) this.explorer.toast(words);
  }

  /** Show a step that a link has brought. */
  restore(index) {
    if (Number.isInteger(index) && this.steps[index]) this.go(index);
  }

  told(done) {
    if (this.index !== null && done && !this.done) this.show(true);
  }

  show(done) {
    this.done = done;
    const last = this.index === this.steps.length - 1;
    this.element.hidden = false;
    this.element.classList.toggle("done", done);
    this.verdict.textContent = done ? "Done" : "";
    this.next.lastChild.textContent = done ? (last ? "finish" : "next") : "skip";
    this.next.setAttribute("aria-label", done ? (last ? "finish the tour" : "Done — next") : "skip this step");
    this.next.classList.toggle("primary", done);
  }
}

// ---------------------------------------------------------------- help

const KEYS = [["1, 2, …", "presets of 2003, in their order"], ["space", "play, pause"], ["f", "freeze this trace in grey"], ["k", "kick at the dot, or in the middle"],
  ["n", "new noise"], ["r", "reset"], ["d", "light, dark"], ["?", "this help"]];
const TIPS = ["Drag a slider, or type a number; a double click brings back the preset's value, the small mark.",
  "Click in the traces to place the dot, in the phase plane to start there, in the raster to watch that neuron.",
  "Fixed points: filled is stable, half-filled a saddle, open unstable."];

function helpDialog() {
  const dialog = h("dialog", { class: "help", "aria-label": "help" },
    h("header", {}, h("h2", {}, "Keys"), button({ icon: "close", label: "close", class: "quiet", onclick: () => dialog.close() })),
    h("dl", {}, ...KEYS.flatMap(([key, what]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, what)])),
    ...TIPS.map((tip) => h("p", {}, tip)));
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  return dialog;
}

// ---------------------------------------------------------------- the explorer

const DURATIONS = [50, 100, 150, 200, 250, 300, 400, 500, 650, 800, 1000, 1500, 2000, 3000, 5000, 10000];
const STEPS = [0.005, 0.01, 0.02, 0.025, 0.05, 0.1, 0.2, 0.25, 0.5, 1];
const SPEEDS = [[5, "5 ms/s"], [20, "20 ms/s"], [50, "50 ms/s"], [100, "100 ms/s"], [250, "250 ms/s"], [1000, "real time"]];
const FAMILIES = { 2003: "Izhikevich 2003", 2004: "20 patterns, 2004", 2007: "cells of the 2007 book", AdEx: "AdEx patterns, 2008" };
const THEME_KEY = "izhi-explorer-theme";

class Explorer {
  catalogue = null;
  settings = null;
  trace = null;
  frozen = null;
  plane = null;
  curve = null;
  intervals = { counts: [], edges: [0, 1] };
  ranges = new SteadyRanges();
  time = null; // of the dot, ms
  playing = false;
  hover = null;
  texts = new Map(); // who waits for a text, by its number
  textSeq = 0;
  pythonAsked = 0;

  constructor(model, el) {
    this.model = model;
    this.page = model.host === "page";
    this.viewId = this.page ? undefined : Math.random().toString(36).slice(2); // one widget may have several views
    this.inSight = true;
    this.palette = () => (this.colors ??= paletteOf(this.root));
    this.banner = h("div", { class: "banner", role: "alert", hidden: true });
    this.offline = h("div", { class: "banner offline", role: "alert", hidden: true }, "Disconnected: trying again every second.");
    this.status = h("div", { class: "status", role: "status" }, "connecting …");
    this.toaster = h("div", { class: "toast", role: "status" });
    this.body = h("div", { class: "body" });
    this.root = h("div", { class: `izhi-explorer${this.page ? " own-page" : ""}`, tabindex: -1, "data-lm-suppress-shortcuts": "true" },
      this.offline, this.banner, this.body, this.status, this.toaster);
    this.requests = new Requests((seq) => this.send({ kind: "neuron", seq, settings: this.settings, width: this.columns }));
    this.saveLink = later(() => this.writeLink(), 200);
    this.askPython = later(() => this.showPython(), 200);
    this.askAgain = later(() => this.settings && this.change(), 150);
    this.clearToast = later(() => (this.toaster.textContent = ""), 2500);
    this.root.dataset.connected = "false";
    el.append(this.root);
    this.chooseTheme();
    this.listen();
    if (!this.page || model.connected) this.connected();
  }

  /** Everything that is to be undone when the view goes. */
  listen() {
    const off = new AbortController();
    const signal = off.signal;
    const keys = this.page ? document : this.root;
    const dark = window.matchMedia("(prefers-color-scheme: dark)");
    const events = { "msg:custom": (header, buffers) => this.receive(header, buffers ?? []), connected: () => this.connected(), disconnected: () => this.disconnected() };
    keys.addEventListener("keydown", (event) => this.key(event), { signal });
    document.addEventListener("visibilitychange", () => this.visibility(), { signal });
    dark.addEventListener("change", () => this.chooseTheme(), { signal });
    if (this.page) window.addEventListener("hashchange", () => this.linkChanged(), { signal });
    for (const [name, callback] of Object.entries(events)) this.model.on(name, callback);
    const observer = new ResizeObserver(([entry]) => {
      const width = entry.contentRect.width;
      this.root.dataset.layout = width >= 1060 ? "wide" : width >= 700 ? "medium" : "narrow";
    });
    observer.observe(this.root);
    const sight = new IntersectionObserver((entries) => {
      this.inSight = entries.at(-1).isIntersecting;
      this.visibility();
    });
    const jupyter = new MutationObserver(() => this.chooseTheme());
    if (!this.page) {
      sight.observe(this.root); // scrolled away, or behind another tab of JupyterLab
      jupyter.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
    }
    this.cleanup = () => {
      off.abort();
      for (const one of [observer, sight, jupyter]) one.disconnect();
      for (const [name, callback] of Object.entries(events)) this.model.off?.(name, callback);
    };
  }

  stop() {
    this.playing = false;
    this.pool?.stop();
    for (const plot of this.plots ?? []) plot.stop();
    for (const delayed of [this.saveLink, this.askPython, this.askAgain, this.clearToast]) delayed.cancel();
    if (!this.page) this.send({ kind: "bye" });
    this.cleanup();
    this.root.remove();
  }

  // -------------------------------------------------------------- messages

  send(message) {
    this.model.send({ ...message, view: this.viewId }, undefined, []);
  }

  connected() {
    this.root.dataset.connected = "true";
    this.offline.hidden = true;
    this.requests.forget();
    this.send({ kind: "hello" });
  }

  disconnected() {
    this.root.dataset.connected = "false";
    this.offline.hidden = false;
    this.status.textContent = "";
    this.requests.forget();
    this.pool?.state !== "stopped" && this.pool?.lost();
  }

  receive(header, buffers) {
    if (header.view !== this.viewId) return; // another view's
    const arrays = arraysOf(header, buffers);
    switch (header.kind) {
      case "catalogue": return this.receiveCatalogue(header);
      case "trace": return this.receiveTrace(header, arrays);
      case "plane": return this.receivePlane(header, arrays);
      case "curve": return this.receiveCurve(header, arrays);
      case "text": return this.receiveText(header);
      case "status": return void (this.status.textContent = header.text);
      case "error": return this.receiveError(header);
      case "pool": return this.pool?.told(header);
      case "frame":
        this.pool?.receive(header, arrays);
        this.root.dataset.frame = header.frame;
    }
  }

  receiveCatalogue(catalogue) {
    const same = JSON.stringify(catalogue) === this.catalogueText;
    this.catalogueText = JSON.stringify(catalogue);
    this.status.textContent = "";
    if (!same) this.build(catalogue);
    this.change();
    this.pool.found();
  }

  receiveTrace(header, arrays) {
    const moved = this.requests.answered(header.seq);
    if (header.seq < Number(this.root.dataset.seq ?? 0)) return;
    const [, points] = arrays.path.shape;
    const model = this.modelNamed(this.settings.model);
    const other = this.trace && this.trace.names.join() !== header.names.join();
    const voltage = header.names.includes(model?.voltage) ? model.voltage : header.names[0];
    this.trace = {
      ...header, voltage, band: arrays.band.data, spikes: arrays.spikes.data, path: { data: arrays.path.data, points },
      polyline: header.columns < this.columns,
    };
    if (other || (this.plane && !header.names.includes(this.plane.x.name))) this.plane = null;
    this.intervals = { counts: [...arrays.isi.data], edges: header.isi_edges ?? [0, 1] };
    if (this.time !== null) this.time = clamp(this.time, header.t0, header.t1);
    this.status.textContent = "";
    if (["neuron", "text"].includes(this.bannerAbout)) this.hideBanner();
    this.drawTrace();
    this.planePlot.draw("path", "dot");
    this.isiPlot.draw();
    this.showReadouts(header);
    this.tour.told(header.tour_done);
    Object.assign(this.root.dataset, { seq: header.seq, spikes: header.spikes });
    if (moved !== null) this.root.dataset.latency = (performance.now() - moved).toFixed(1);
  }

  receivePlane(header, arrays) {
    if (!this.trace || (header.seq !== this.trace.seq && header.seq < Number(this.root.dataset.planeSeq ?? 0))) return;
    const lineOf = header.line_of ?? [];
    const lines = lineOf.map((of, i) => ({ of, data: arrays[`line${i}`].data }));
    const names = this.trace.names;
    this.plane = { ...header, lines, names, field: arrays.field, along: arrays.along?.data };
    this.planePlot.draw();
    this.showPlane();
    this.root.dataset.planeSeq = header.seq;
  }

  receiveCurve(header, arrays) {
    if (header.seq < Number(this.root.dataset.curveSeq ?? 0)) return;
    this.curve = { ...header, currents: arrays.current.data, rate: arrays.rate.data, firstRate: arrays.first_rate.data };
    this.curvePlot.draw();
    this.root.dataset.curveSeq = header.seq;
  }

  receiveText({ seq, text: content }) {
    this.texts.get(seq)?.(content);
    this.texts.delete(seq);
  }

  receiveError({ about, seq, text: content }) {
    if (about === "neuron") this.requests.answered(seq ?? this.requests.seq);
    if (about === "pool") this.pool?.failed();
    if (about === "text") this.receiveText({ seq, text: null });
    this.status.textContent = "";
    this.showBanner(content, about);
  }

  showBanner(content, about) {
    this.bannerAbout = about;
    this.banner.hidden = false;
    this.banner.replaceChildren(h("span", {}, content), button({ icon: "close", label: "close this message", class: "quiet", onclick: () => this.hideBanner() }));
  }

  hideBanner() {
    this.bannerAbout = null;
    this.banner.hidden = true;
    this.banner.replaceChildren();
  }

  toast(content) {
    this.toaster.textContent = content;
    this.clearToast();
  }

  // -------------------------------------------------------------- settings

  modelNamed(name) {
    return this.catalogue.models.find((one) => one.name === name);
  }

  presetNamed(name) {
    return name == null ? undefined : this.catalogue.presets.find((one) => one.name === name);
  }

  /** Ask for a picture of the present settings. `event` is what the hand did. */
  change(event) {
    this.requests.change(event?.timeStamp ?? performance.now());
    this.root.dataset.asked = this.requests.newest;
    this.showPresets();
    this.showChips();
    this.saveLink();
    this.askPython();
  }

  /** Take other settings as a whole. */
  take(settings) {
    const { seed, tour } = this.settings ?? {};
    this.settings = { ...settings, seed: settings.seed ?? seed ?? 1, tour: tour ?? null };
    this.ranges.clear();
    this.time = null;
    this.showSettings();
    this.change();
  }

  choosePreset(name) {
    const preset = this.presetNamed(name);
    if (preset) this.take({ ...settingsOfPreset(preset, this.catalogue), seed: this.settings?.seed });
  }

  chooseModel(name) {
    this.take({ ...settingsOfModel(this.modelNamed(name), this.catalogue), seed: this.settings?.seed });
  }

  /** Settings that reset leads back to. */
  get base() {
    const preset = this.presetNamed(this.settings.preset);
    return preset ? settingsOfPreset(preset, this.catalogue) : settingsOfModel(this.modelNamed(this.settings.model), this.catalogue);
  }

  reset() {
    this.take({ ...this.base, seed: this.settings.seed });
  }

  chooseKind(kind) {
    const { settings } = this;
    if (kind === "protocol") settings.current = { kind };
    else settings.current = currentOfKind(kind, this.catalogue, this.modelNamed(settings.model), settings.duration, settings.current);
    this.showCurrent();
    this.change();
  }

  setStart(start) {
    this.settings.start = start;
    this.showStart();
    this.change();
  }

  kick() {
    const { settings, trace } = this;
    const middle = settings.duration / 2;
    let at = Number((this.time ?? middle).toPrecision(4));
    while (settings.kicks.includes(at) && at < settings.duration) at = Number((at + settings.duration / 20).toPrecision(4));
    if (!trace || at >= settings.duration) return;
    settings.kicks = [...settings.kicks, at].sort((a, b) => a - b);
    this.change();
  }

  newNoise() {
    this.settings.seed = (Math.round(this.settings.seed) || 0) + 1;
    this.rows.seed.set(this.settings.seed);
    this.change();
  }

  toggleFreeze() {
    this.frozen = this.frozen ? null : this.trace;
    this.freezeButton.setAttribute("aria-pressed", String(this.frozen !== null));
    this.drawTrace();
  }

  // -------------------------------------------------------------- links

  writeLink() {
    if (!this.page || !this.settings) return;
    const link = encodeLink({ settings: this.settings, pool: this.pool.shared });
    if (`#${link}` !== location.hash) history.replaceState(null, "", `#${link}`);
  }

  /** Settings of the link, or those to begin with. */
  readLink() {
    if (!this.page) return false;
    try {
      const state = decodeLink(location.hash);
      if (!state) return false;
      if (!this.modelNamed(state.settings.model)) throw new Error(`The link is about the model ${state.settings.model}, which is not here.`);
      const { settings } = state;
      for (const name of ["values", "start", "current"]) settings[name] = typeof settings[name] === "object" && settings[name] ? settings[name] : {};
      settings.kicks = Array.isArray(settings.kicks) ? settings.kicks : [];
      this.settings = { ...settingsOfModel(this.modelNamed(settings.model), this.catalogue), ...settings };
      this.pool.restore(state.pool ?? {});
      return true;
    } catch (error) {
      this.showBanner(error.message, "link");
      return false;
    }
  }

  linkChanged() {
    if (!this.settings || location.hash === `#${encodeLink({ settings: this.settings, pool: this.pool.shared })}`) return;
    if (!this.readLink()) return;
    this.ranges.clear();
    this.time = null;
    this.showSettings();
    this.tour.restore(this.settings.tour);
    this.change();
  }

  async copyLink() {
    this.writeLink();
    await copyText(location.href);
    this.toast("The link is copied.");
  }

  // -------------------------------------------------------------- texts and pictures

  /** A text of the neuron as it stands; null where the host says why there is none. */
  text(what) {
    const seq = ++this.textSeq;
    return new Promise((resolve) => {
      this.texts.set(seq, resolve);
      this.send({ kind: "text", seq, what, settings: this.settings });
    });
  }

  async showPython() {
    const asked = ++this.pythonAsked;
    const code = await this.text("python");
    if (asked !== this.pythonAsked || code === null) return code; // a newer one is on its way
    this.python = code;
    this.code.replaceChildren(...highlighted(code));
    return code;
  }

  async copyPython() {
    this.askPython.cancel();
    const code = await this.showPython();
    if (code === null) return;
    await copyText(code);
    this.toast("The Python code is copied.");
  }

  fileName(extension) {
    const { model, preset } = this.settings;
    return `${(preset ?? model).replace(/\W+/g, "_")}.${extension}`;
  }

  async saveCsv() {
    const table = await this.text("csv");
    if (table !== null) download(new Blob([table], { type: "text/csv" }), this.fileName("csv"));
  }

  /** The pictures as they stand in the wide layout, at twice the size. */
  savePng() {
    if (!this.trace) return;
    const [gap, head] = [16, 44];
    const { tracePlot, planePlot, curvePlot, isiPlot } = this;
    const right = tracePlot.width + 2 * gap;
    const below = head + planePlot.height + 2 * gap;
    const small = Math.max(curvePlot.height, isiPlot.height);
    const width = right + Math.max(planePlot.width, curvePlot.width + gap + isiPlot.width) + gap;
    const height = Math.max(head + tracePlot.height, below + small) + gap;
    const canvas = h("canvas", { width: 2 * width, height: 2 * height });
    const ctx = canvas.getContext("2d");
    const palette = this.palette();
    ctx.scale(2, 2);
    ctx.fillStyle = palette.panel;
    ctx.fillRect(0, 0, width, height);
    const { model, preset } = this.settings;
    text(ctx, [preset, model, this.trace.told].filter(Boolean).join(" · "), gap, 22, { color: palette.ink, font: BOLD.replace("11px", "14px") });
    tracePlot.drawInto(ctx, gap, head);
    planePlot.drawInto(ctx, right, head);
    [["Rate against current", curvePlot, right], ["Intervals", isiPlot, right + curvePlot.width + gap]].forEach(([title, plot, x]) => {
      text(ctx, title, x + 10, below - 10, { color: palette.ink, font: BOLD });
      plot.drawInto(ctx, x, below);
    });
    canvas.toBlob((blob) => download(blob, this.fileName("png")));
  }

  // -------------------------------------------------------------- theme, keys, visibility

  chooseTheme(chosen) {
    let kept = chosen;
    try { // a notebook or a browser may keep no storage
      if (chosen) localStorage.setItem(THEME_KEY, chosen);
      else kept = localStorage.getItem(THEME_KEY);
    } catch {}
    const jupyter = { true: "light", false: "dark" }[document.body.dataset.jpThemeLight];
    const preferred = window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    this.root.dataset.theme = (jupyter ? chosen : kept) ?? jupyter ?? preferred;
    this.colors = null;
    if (this.page) document.body.style.background = getComputedStyle(this.root).getPropertyValue("--ground");
    if (this.themeButton) setIcon(this.themeButton, this.root.dataset.theme === "dark" ? "light" : "dark");
    for (const plot of this.plots ?? []) plot.draw();
    this.pool?.draw();
  }

  toggleTheme() {
    this.chooseTheme(this.root.dataset.theme === "dark" ? "light" : "dark");
  }

  key(event) {
    const { target, key } = event;
    const typing = target.closest?.("textarea, select, [contenteditable], input:not([type=range])");
    if (!this.settings || typing || event.ctrlKey || event.metaKey || event.altKey || this.help.open) return;
    if (key === " " && target.closest?.("button, summary, a")) return;
    const actions = { " ": () => this.togglePlay(), f: () => this.toggleFreeze(), k: () => this.kick(), n: () => this.newNoise(), r: () => this.reset(),
      d: () => this.toggleTheme(), "?": () => this.help.showModal() };
    const preset = /^[1-9]$/.test(key) ? this.quick[Number(key) - 1] : null;
    if (!preset && !actions[key]) return;
    event.preventDefault();
    event.stopPropagation();
    if (preset) this.choosePreset(preset.name);
    else actions[key]();
  }

  visibility() {
    const hidden = document.visibilityState === "hidden" || !this.inSight;
    this.pool?.pauseWhileHidden(hidden);
    if (!hidden && this.playing) this.tick();
  }

  // -------------------------------------------------------------- playing

  togglePlay() {
    this.playing = !this.playing;
    if (this.playing && this.time === null) this.time = this.trace?.t0 ?? null;
    setIcon(this.playButton, this.playing ? "pause" : "play");
    this.playButton.setAttribute("aria-label", this.playing ? "pause" : "play");
    this.lastTick = null;
    if (this.playing) this.tick();
  }

  tick() {
    cancelAnimationFrame(this.nextTick);
    this.nextTick = requestAnimationFrame((now) => {
      if (!this.playing || !this.root.isConnected) return;
      if (this.trace && this.lastTick !== null) {
        const { t0, t1 } = this.trace;
        const step = (Math.min(now - this.lastTick, 100) / 1000) * Number(this.speed.value); // ms of the trace
        this.time = (this.time ?? t0) + step;
        if (this.time > t1) this.time = t0;
        this.drawDot();
      }
      this.lastTick = now;
      this.tick();
    });
  }

  placeDot(time) {
    this.time = clamp(time, this.trace.t0, this.trace.t1);
    this.drawDot();
  }

  drawDot() {
    this.tracePlot.draw("marks");
    this.planePlot.draw("dot");
    this.clock.textContent = this.time === null ? "" : `${signed(this.time.toFixed(this.trace.t1 > 200 ? 0 : 1))} ms`;
    this.root.dataset.time = this.time ?? "";
  }

  // -------------------------------------------------------------- drawing

  /** Pixels of the screen along the time axis. */
  get columns() {
    const width = this.tracePlot?.width || 800;
    return Math.max(50, Math.round((width - TRACE.left - TRACE.right) * (window.devicePixelRatio || 1)));
  }

  drawTrace() {
    this.tracePlot.draw("base");
    this.drawDot();
  }

  get traceView() {
    const { trace, frozen, ranges, tracePlot, settings } = this;
    return { trace, frozen, kicks: settings.kicks.filter(finite), time: this.time, hover: this.hover,
      frame: traceFrame(trace, frozen, ranges, tracePlot.width, tracePlot.height) };
  }

  makePlots() {
    const when = (ready, draw) => (...canvas) => ready() && draw(...canvas);
    const { palette } = this;
    const traced = () => this.trace !== null;
    const planed = () => this.trace !== null && this.plane !== null;
    this.tracePlot = new Plot("traces", "voltage, other variables and current over time", {
      base: when(traced, (...canvas) => drawTraces(...canvas, (this.view = this.traceView))),
      marks: when(traced, (...canvas) => drawTraceMarks(...canvas, { ...this.view, time: this.time, hover: this.hover })),
    }, palette, () => this.askAgain());
    this.planePlot = new Plot("plane", "phase plane; click to start there", {
      base: when(planed, (...canvas) => drawPlane(...canvas, this.plane)),
      path: when(planed, (...canvas) => drawPlanePath(...canvas, { plane: this.plane, trace: this.trace, start: this.startInPlane })),
      dot: when(planed, (...canvas) => drawPlaneDot(...canvas, { plane: this.plane, trace: this.trace, time: this.time })),
    }, palette, () => this.showPlane());
    this.curvePlot = new Plot("curve", "firing rate against constant current; the present current is marked", {
      base: when(() => this.curve !== null, (...canvas) => drawCurve(...canvas, { curve: this.curve, ranges: this.ranges })),
    }, palette);
    this.isiPlot = new Plot("intervals", "histogram of the intervals between spikes", {
      base: when(traced, (...canvas) => drawIntervals(...canvas, this.intervals)),
    }, palette);
    this.plots = [this.tracePlot, this.planePlot, this.curvePlot, this.isiPlot];
    this.pointOnTraces();
    this.planePlot.element.addEventListener("click", (event) => this.startAt(event));
  }

  pointOnTraces() {
    const { element } = this.tracePlot;
    const timeAt = (event) => {
      const x = event.clientX - element.getBoundingClientRect().left;
      const { t0, t1 } = this.trace;
      return scaleOf(TRACE.left, this.tracePlot.width - TRACE.right, t0, t1)(x);
    };
    const inside = (t) => t >= this.trace.t0 && t <= this.trace.t1;
    const hover = (t) => {
      this.hover = t;
      this.tracePlot.draw("marks");
    };
    element.addEventListener("pointerdown", (event) => {
      if (!this.trace || !inside(timeAt(event))) return;
      this.placeDot(timeAt(event));
      this.dragging = true;
      element.setPointerCapture(event.pointerId);
    });
    element.addEventListener("pointermove", (event) => {
      if (!this.trace) return;
      const t = timeAt(event);
      if (this.dragging) this.placeDot(t);
      hover(!this.dragging && event.pointerType === "mouse" && inside(t) ? t : null);
    });
    for (const name of ["pointerup", "pointercancel"]) element.addEventListener(name, () => (this.dragging = false));
    element.addEventListener("pointerleave", () => this.trace && hover(null));
  }

  /** A click in the phase plane: start there. */
  startAt(event) {
    const { plane, planePlot } = this;
    if (!plane) return;
    const place = planePlot.element.getBoundingClientRect();
    const { box } = planeFrame(plane, planePlot.width, planePlot.height);
    const [x, y] = [event.clientX - place.left, event.clientY - place.top];
    if (x < box.left || x > box.right || y < box.top || y > box.bottom) return;
    const value = (axis, from, to, at) => Number(scaleOf(from, to, axis.low, axis.high)(at).toPrecision(5));
    const start = { ...this.settings.start, [plane.x.name]: value(plane.x, box.left, box.right, x) };
    if (plane.form === "plane") start[plane.y.name] = value(plane.y, box.bottom, box.top, y);
    this.setStart(start);
  }

  get startInPlane() {
    const { plane, settings: { start } } = this;
    if (plane.form !== "plane" || !finite(start[plane.x.name]) || !finite(start[plane.y.name])) return null;
    return { x: start[plane.x.name], y: start[plane.y.name] };
  }

  // -------------------------------------------------------------- what is written beside the pictures

  showReadouts({ readouts, told }) {
    const names = readouts.map((one) => one.name).join();
    if (names !== this.readoutNames) {
      this.readoutNames = names;
      this.readoutValues = readouts.map(({ label }) => [label, h("b", {})]);
      this.readoutBox.replaceChildren(...this.readoutValues.map(([label, value]) => h("div", { class: "readout" }, h("span", {}, label), value)));
    }
    readouts.forEach(({ name, text: content }, i) => {
      const value = this.readoutValues[i][1];
      if (value.textContent !== content) value.textContent = content;
      value.dataset.name = name;
    });
    this.told.textContent = told;
  }

  showPlane() {
    const { plane, planePlot } = this;
    if (!plane || !planePlot.width) return;
    const { xAt, yAt } = planeFrame(plane, planePlot.width, planePlot.height);
    const places = plane.fixed.map(({ x, y, kind }) => ({ x, y, px: xAt(x), py: yAt(y), kind }));
    this.root.dataset.fixed = JSON.stringify(places);
    this.planeTitle.textContent = plane.title;
    this.planeLegend.replaceChildren(...this.legendLines(plane), ...this.legendPoints(plane));
  }

  legendLines(plane) {
    const palette = this.palette();
    const solid = plane.nullclines.filter((line) => !line.dashed);
    const entries = solid.map((line) => {
      const swatch = h("i", { class: "swatch" });
      swatch.style.background = nullclineColor(plane, line, palette);
      return h("span", { class: "key" }, swatch, plane.form === "plane" ? `${line.name}-nullcline` : line.name);
    });
    const dashed = plane.nullclines.find((line) => line.dashed);
    if (dashed) entries.push(h("span", { class: "key" }, h("i", { class: "swatch dashed" }), `at I = ${shown(dashed.current)}`));
    return entries;
  }

  legendPoints(plane) {
    if (!plane.fixed.length) return [h("span", { class: "key muted" }, plane.told)];
    return plane.fixed.map(({ x, y, kind, stable }) => {
      const mark = h("i", { class: `point ${stable ? "stable" : kind.startsWith("saddle") ? "saddle" : "unstable"}` });
      const place = plane.form === "plane" ? `${shown(x)}, ${shown(y)}` : shown(x);
      return h("span", { class: "key" }, mark, `${kind} at ${place}`);
    });
  }

  showPresets() {
    const { settings, base } = this;
    const same = ["values", "start", "current", "duration", "dt", "scheme", "spike_times"].every((name) => JSON.stringify(settings[name]) === JSON.stringify(base[name]));
    const modified = !same || settings.kicks.length > 0;
    for (const [name, element] of this.presetButtons) {
      element.setAttribute("aria-pressed", String(name === settings.preset));
      element.classList.toggle("modified", name === settings.preset && modified);
    }
    this.presetMenu.value = this.presetButtons.has(settings.preset) ? "" : settings.preset ?? "";
    this.resetButton.disabled = !modified;
    const preset = this.presetNamed(settings.preset);
    const source = preset ? `${preset.source}${preset.note ? ` — ${preset.note}` : ""}` : this.modelNamed(settings.model).title;
    this.caption.replaceChildren(h("b", {}, preset ? preset.name : settings.model), preset && modified ? h("span", { class: "muted" }, "modified") : "", h("span", { class: "source", title: source }, source));
  }

  /** Kicks and starts of one's own, each with a way to be rid of it. */
  showChips() {
    const { settings, base } = this;
    const chips = [];
    const chip = (content, label, undo) => chips.push(h("span", { class: "chip" }, content, button({ icon: "close", label, onclick: undo })));
    if (JSON.stringify(settings.start) !== JSON.stringify(base.start)) {
      const place = Object.entries(settings.start).map(([name, value]) => `${name} ${shown(value)}`).join(", ");
      chip(`starts at ${place || "rest"}`, "reset the start", () => this.setStart({ ...base.start }));
    }
    if (settings.kicks.length) {
      chip(`${settings.kicks.length === 1 ? "kick" : "kicks"} at ${settings.kicks.map((t) => shown(t)).join(", ")} ms`, "remove the kicks", () => {
        settings.kicks = [];
        this.change();
      });
    }
    this.chips.replaceChildren(...chips);
  }

  // -------------------------------------------------------------- the fields on the left

  showSettings() {
    const model = this.modelNamed(this.settings.model);
    this.modelSelect.value = model.name;
    if (this.shownModel !== model.name) this.showModel(model);
    for (const [name, row] of this.parameterRows) {
      row.set(this.settings.values[name]);
      row.setBase(this.base.values[name]);
    }
    this.showCurrent();
    this.showNumerics(model);
    this.showStart();
  }

  showModel(model) {
    this.shownModel = model.name;
    this.parameterRows = model.parameters.map((control) => [control.name, sliderRow(control, this.settings.values[control.name], (value, event) => {
      this.settings.values[control.name] = value;
      this.change(event);
    })]);
    this.modelBox.replaceChildren(...this.parameterRows.map(([, row]) => row.element));
    this.modelDoc.textContent = model.doc.replace(/\n {4}/g, "\n").trim();
    this.modelTitle.textContent = model.title;
    this.schemeSelect.replaceChildren(...model.schemes.map((name) => h("option", { value: name }, name)));
    this.startRows = model.variables.map(({ name, unit, default: rest }) => {
      const field = h("input", { type: "number", step: "any", inputmode: "decimal", "aria-label": named(`start of ${name}`, unit), placeholder: finite(rest) ? numberText(rest, 4) : "" });
      field.addEventListener("input", () => {
        const { [name]: gone, ...others } = this.settings.start;
        if (field.value.trim() === "") this.settings.start = others;
        else if (finite(Number(field.value))) this.settings.start = { ...others, [name]: Number(field.value) };
        this.change();
      });
      return [name, field, labelled(`${name}${unit ? `, ${signed(unit)}` : ""}`, field)];
    });
    this.startBox.replaceChildren(...this.startRows.map(([, , element]) => element));
  }

  showCurrent() {
    const { settings, catalogue } = this;
    const model = this.modelNamed(settings.model);
    const preset = this.presetNamed(settings.preset);
    const { kind } = settings.current;
    const published = preset?.current.kind === "protocol" || kind === "protocol";
    const options = catalogue.currents.filter(({ name }) => name !== "protocol").map(({ name, label }) => h("option", { value: name }, label));
    if (published) options.unshift(h("option", { value: "protocol" }, "as published"));
    this.kindSelect.replaceChildren(...options);
    this.kindSelect.value = kind;
    const controls = currentControls(catalogue.currents.find((one) => one.name === kind), model, settings.duration);
    this.currentRows = controls.map((control) => [control.name, sliderRow(control, settings.current[control.name], (value, event) => {
      settings.current[control.name] = value;
      this.change(event);
    })]);
    const base = preset?.current.kind === kind ? preset.current : {};
    for (const [name, row] of this.currentRows) if (finite(base[name])) row.setBase(base[name]);
    const protocol = kind === "protocol" && preset?.protocol;
    this.currentBox.replaceChildren(...this.currentRows.map(([, row]) => row.element), protocol ? h("code", { class: "protocol" }, protocol) : "");
  }

  showNumerics(model) {
    const { settings, rows } = this;
    this.schemeSelect.value = settings.scheme;
    this.spikeTimesSelect.value = settings.spike_times;
    for (const name of ["dt", "duration", "seed"]) rows[name].set(settings[name]);
    rows.dt.setBase(this.base.dt ?? model.dt);
    rows.duration.setBase(this.base.duration);
  }

  showStart() {
    for (const [name, field] of this.startRows) {
      if (field !== document.activeElement) field.value = finite(this.settings.start[name]) ? numberText(this.settings.start[name], 6) : "";
    }
  }

  // -------------------------------------------------------------- building the page

  build(catalogue) {
    this.pool?.stop();
    for (const plot of this.plots ?? []) plot.stop();
    this.catalogue = catalogue;
    this.shownModel = null;
    this.plane = this.curve = this.trace = this.frozen = null;
    this.quick = catalogue.presets.filter((preset) => preset.family === "2003");
    this.makePlots();
    this.pool = new PoolView(this);
    this.tour = new Tour(this);
    this.help = helpDialog();
    this.body.replaceChildren(this.buildHeader(), this.tour.element, h("div", { class: "grid" }, this.buildLeft(), this.buildCentre(), this.buildRight()), this.pool.element, this.help);
    const kept = this.settings && this.modelNamed(this.settings.model) ? this.settings : null;
    if (kept) this.settings = kept;
    else if (!this.readLink()) this.settings = this.firstSettings();
    this.showSettings();
    this.chooseTheme();
    if (catalogue.problem) this.showBanner(catalogue.problem, "message");
    this.tour.restore(this.settings.tour);
  }

  firstSettings() {
    const { catalogue, quick } = this;
    const preset = quick.find((one) => one.model === catalogue.model);
    const first = preset ? settingsOfPreset(preset, catalogue) : settingsOfModel(this.modelNamed(catalogue.model), catalogue);
    return { ...first, ...catalogue.settings };
  }

  buildHeader() {
    const { catalogue, quick } = this;
    this.modelSelect = selectOf("model", [["", catalogue.models.map(({ name }) => [name, name])]], () => this.chooseModel(this.modelSelect.value));
    this.presetButtons = new Map(quick.map((preset, i) => [preset.name, button({ text: preset.name, label: preset.name, title: `${preset.source} (${i + 1})`, "aria-pressed": "false", onclick: () => this.choosePreset(preset.name) })]));
    const families = [...new Set(catalogue.presets.map(({ family }) => family))].filter((family) => family !== "2003");
    this.presetMenu = selectOf("more presets", [["", [["", "more presets"]]], ...families.map((family) => [FAMILIES[family] ?? family, catalogue.presets.filter((one) => one.family === family).map(({ name }) => [name, name])])],
      () => this.choosePreset(this.presetMenu.value));
    this.themeButton = button({ icon: "dark", label: "light or dark", key: "d", onclick: () => this.toggleTheme() });
    return h("header", { class: "top" },
      h("div", { class: "brand" }, h("h1", {}, "izhi_numba"), h("span", {}, "explorer")),
      this.modelSelect,
      h("div", { class: "segments", role: "group", "aria-label": "presets of 2003" }, ...this.presetButtons.values()),
      this.presetMenu,
      h("div", { class: "actions" },
        this.tour.steps.length > 0 && button({ icon: "tour", text: "tour", label: "guided tour", onclick: () => this.tour.begin() }),
        this.page && button({ icon: "link", text: "link", label: "copy the link", onclick: () => this.copyLink() }),
        button({ icon: "copy", text: "python", label: "copy as Python", onclick: () => this.copyPython() }),
        button({ icon: "save", text: "PNG", label: "save a picture", class: "word", onclick: () => this.savePng() }),
        button({ icon: "save", text: "CSV", label: "save the traces", class: "word", onclick: () => this.saveCsv() }),
        this.themeButton,
        button({ icon: "help", label: "help", key: "?", onclick: () => this.help.showModal() })));
  }

  buildLeft() {
    const change = (name) => (value, event) => {
      this.settings[name] = value;
      if (name === "duration") this.currentRows.find(([one]) => one === "onset")?.[1].setHigh(value);
      this.change(event);
    };
    this.modelBox = h("div", {});
    this.modelDoc = h("pre", { class: "doc" });
    this.modelTitle = h("p", { class: "muted" });
    this.currentBox = h("div", {});
    this.startBox = h("div", { class: "pairs" });
    this.code = h("code", {});
    this.kindSelect = selectOf("kind of current", [], () => this.chooseKind(this.kindSelect.value));
    this.schemeSelect = selectOf("scheme", [], () => change("scheme")(this.schemeSelect.value));
    this.spikeTimesSelect = selectOf("spike times", [["", [["grid", "on the grid"], ["interpolated", "interpolated"]]]], () => change("spike_times")(this.spikeTimesSelect.value));
    const control = (name, label, unit, more) => sliderRow({ name, label, unit, ...more }, NaN, change(name));
    const seed = h("input", { type: "number", min: 0, step: 1, "aria-label": "seed" });
    seed.addEventListener("input", (event) => finite(Number(seed.value)) && seed.value !== "" && change("seed")(Math.round(Number(seed.value)), event));
    this.rows = { dt: control("dt", "dt", "ms", { choices: STEPS }), duration: control("duration", "duration", "ms", { choices: DURATIONS }), seed: { set: (value) => (seed.value = value) } };
    const section = (title, ...content) => h("section", { class: "card" }, h("h2", {}, title), ...content);
    return h("div", { class: "left" },
      section("Model", this.modelBox, h("details", {}, h("summary", {}, "about this model"), this.modelTitle, this.modelDoc)),
      section("Input", labelled("current", this.kindSelect), this.currentBox),
      section("Numerics", labelled("scheme", this.schemeSelect), this.rows.dt.element, this.rows.duration.element, labelled("spike times", this.spikeTimesSelect),
        labelled("noise", h("div", { class: "join" }, seed, button({ icon: "noise", text: "new noise", key: "n", label: "new noise", onclick: () => this.newNoise() }))),
        h("details", {}, h("summary", {}, "start of the run"), this.startBox)),
      section("Python", h("div", { class: "code" }, h("pre", { tabindex: 0, "aria-label": "Python code" }, this.code), button({ icon: "copy", label: "copy the code", class: "quiet", onclick: () => this.copyPython() }))));
  }

  buildCentre() {
    this.told = h("p", { class: "told", role: "status" });
    this.caption = h("p", { class: "caption" });
    this.readoutBox = h("div", { class: "readouts" });
    this.chips = h("div", { class: "chips" });
    this.clock = h("span", { class: "clock" });
    this.playButton = button({ icon: "play", label: "play", key: "space", class: "primary", onclick: () => this.togglePlay() });
    this.speed = selectOf("play speed", [["", SPEEDS]], () => {});
    this.speed.value = "50";
    this.freezeButton = button({ icon: "freeze", text: "freeze", key: "f", label: "freeze", "aria-pressed": "false", onclick: () => this.toggleFreeze() });
    this.resetButton = button({ icon: "reset", text: "reset", key: "r", label: "reset", onclick: () => this.reset() });
    return h("div", { class: "centre card" },
      h("div", { class: "summary" }, this.caption, this.readoutBox, this.told),
      this.tracePlot.element,
      h("div", { class: "transport", role: "group", "aria-label": "transport" }, this.playButton, this.speed, this.clock, this.chips,
        h("div", { class: "actions" }, this.freezeButton, button({ icon: "kick", text: "kick", key: "k", label: "kick", onclick: () => this.kick() }), this.resetButton)));
  }

  buildRight() {
    this.planeTitle = h("h2", {}, "Phase plane");
    this.planeLegend = h("div", { class: "legend" });
    return h("div", { class: "right" },
      h("section", { class: "card" }, h("header", {}, this.planeTitle, h("span", { class: "muted" }, "click to start there")), this.planePlot.element, this.planeLegend),
      h("div", { class: "two" },
        h("section", { class: "card" }, h("h2", {}, "Rate against current"), this.curvePlot.element),
        h("section", { class: "card" }, h("h2", {}, "Intervals"), this.isiPlot.element)));
  }
}

export default {
  render({ model, el }) {
    const explorer = new Explorer(model, el);
    return () => explorer.stop();
  },
};
