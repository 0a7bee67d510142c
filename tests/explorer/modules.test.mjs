// The page's modules without a page: data and layout. Run by tests/explorer/test_bundle.py, in a copy of static/.

import assert from "node:assert/strict";
import { test } from "node:test";

import { numberText } from "./base/numbers.js";
import { travelOf } from "./base/travel.js";
import { Answers } from "./data/answers.js";
import { currentOfKind } from "./data/currents.js";
import { decodeLink, encodeLink } from "./data/links.js";
import { arraysOf } from "./data/messages.js";
import { Neuron } from "./data/neuron.js";
import { Network } from "./data/network.js";
import { neuronOfRow, rowOfNeuron } from "./data/network_rows.js";
import { Pace } from "./data/pace.js";
import { colorsOf } from "./data/population_colors.js";
import { SteadyRanges } from "./data/ranges.js";
import { Requests } from "./data/requests.js";
import { Scroll, smoothed } from "./data/series.js";
import { baseOf, firstSettings, isModified, settingsOfLink } from "./data/settings.js";
import { Store } from "./data/store.js";
import { Texts } from "./data/texts.js";
import { pathIndex, pathValue } from "./data/trace.js";
import { placeInPlane, planeFrame } from "./plots/plane_frame.js";
import { ticksOf } from "./plots/scales.js";
import { tracePanels, traceFrame } from "./plots/trace_frame.js";

const control = (name, value) => ({ name, label: name, unit: "", low: 0, high: 10, default: value });
const CATALOGUE = {
  models: [{ name: "Cell", parameters: [control("a", 1), control("b", 2)], variables: [], I_unit: "pA", dt: 0.1, scheme: "heun", voltage: "v",
    amplitude: { low: 0, high: 20, default: 12 } }],
  presets: [{ name: "RS", family: "2003", model: "Cell", values: { a: 3 }, start: { v: -70 }, current: { kind: "constant", amplitude: 5, onset: 10 },
    duration: 200, dt: 0.5, scheme: "euler" }],
  currents: [{ name: "constant", controls: [control("amplitude", null), control("onset", 100)] },
    { name: "sine", controls: [control("amplitude", null), control("period", 20)] }],
  networks: [{ name: "ring", title: "Ring", words: "", options: [control("neurons", 5)], variants: {} }],
  model: "Cell",
};

function neuronOf(settings) {
  const sent = [];
  const store = new Store();
  const requests = new Requests((seq) => sent.push({ seq, ...store.state.settings }));
  const neuron = new Neuron(store, requests);
  store.keep({ catalogue: CATALOGUE });
  neuron.askWhole({ ...firstSettings(CATALOGUE), ...settings });
  return { store, requests, neuron, sent };
}

test("numbers are written as a person writes them", () => {
  assert.deepEqual([0.1 + 0.2, 1234567, -0, 0.00001, NaN, null].map((one) => numberText(one)), ["0.3", "1.2346e+6", "0", "1e-5", "NaN", ""]);
});

test("a slider stays within its ends, by round numbers", () => {
  const line = travelOf({ low: -1, high: 1 });
  assert.equal(line.next(0, 1), 0.02);
  assert.equal(line.next(1, 1), 1);
  assert.equal(line.next(0, -1, true), -0.005);
  const choices = travelOf({ choices: [1, 2, 5] });
  assert.equal(choices.next(2, 1), 5);
  assert.equal(choices.next(5, 1), 5);
  assert.equal(choices.next(1.9, -1), 1);
  const log = travelOf({ low: 1, high: 1000, log: true });
  assert.equal(log.valueOf(log.numberOf(50)), 50);
  assert.equal(log.next(1000, 1), 1000);
});

test("ticks are round, within the range, and as exact as they need to be", () => {
  assert.deepEqual(ticksOf(-0.05, 1.02, 5).map(({ text }) => text), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
  assert.deepEqual(ticksOf(-70, -40, 3).map(({ text }) => text), ["−70", "−60", "−50", "−40"]);
});

test("a link brings the same state, and says what is wrong with it", () => {
  const state = { settings: { model: "Zelle Ä", values: { a: 0.1 } }, network: { name: "ring" } };
  assert.deepEqual(decodeLink(`#${encodeLink(state)}`), { version: 1, ...state });
  assert.match(encodeLink(state), /^[\w-]+$/);
  assert.equal(decodeLink("#"), null);
  assert.throws(() => decodeLink("#garbage!!"), /damaged or cut off/);
  assert.throws(() => decodeLink(`#${btoa('{"version":9}')}`), /of version 9/);
  assert.throws(() => decodeLink(`#${btoa('{"version":1}')}`), /has no settings/);
});

test("settings of a link are made whole", () => {
  const settings = settingsOfLink({ model: "Cell", values: null, kicks: 3, dt: 0.2 }, CATALOGUE);
  assert.deepEqual([settings.values, settings.kicks, settings.dt, settings.scheme], [{}, [], 0.2, "heun"]);
  assert.throws(() => settingsOfLink({ model: "Gone" }, CATALOGUE), /the model Gone, which is not here/);
});

test("a preset is modified by what makes it what it is, and by kicks, and not by its seed", () => {
  const first = firstSettings(CATALOGUE);
  assert.deepEqual([first.preset, first.values, first.dt], ["RS", { a: 3, b: 2 }, 0.5]);
  assert.equal(isModified({ ...first, seed: 9 }, baseOf(first, CATALOGUE)), false);
  assert.equal(isModified({ ...first, values: { a: 3.1, b: 2 } }, baseOf(first, CATALOGUE)), true);
  assert.equal(isModified({ ...first, kicks: [10] }, baseOf(first, CATALOGUE)), true);
});

test("another kind of current keeps what both have", () => {
  const model = CATALOGUE.models[0];
  assert.deepEqual(currentOfKind("sine", CATALOGUE, model, 500, { amplitude: 7, onset: 3 }), { kind: "sine", amplitude: 7, period: 20 });
  assert.deepEqual(currentOfKind("constant", CATALOGUE, model, 500, { amplitude: NaN }), { kind: "constant", amplitude: 12, onset: 50 });
});

test("one request is in flight, and the newest settings win", () => {
  const sent = [];
  const requests = new Requests((seq) => sent.push(seq));
  requests.change(10);
  requests.change(20);
  requests.change(30);
  assert.deepEqual(sent, [1]);
  assert.equal(requests.newest, 2);
  assert.equal(requests.answered(7), null);
  assert.equal(requests.answered(1), 10);
  assert.deepEqual(sent, [1, 2]);
  assert.equal(requests.answered(2), 30);
  assert.deepEqual(sent, [1, 2]);
});

test("followers are told the names of what has changed, in their order", () => {
  const store = new Store({ a: 1, b: 2 });
  const told = [];
  store.follow((state, changed) => told.push(["first", state.a, ...changed]));
  store.follow((state, changed) => told.push(["second", state.a, ...changed]));
  store.change({ a: 3 });
  store.keep({ b: 4 });
  assert.deepEqual(told, [["first", 3, "a"], ["second", 3, "a"]]);
  assert.equal(store.state.b, 4);
});

test("the hand never changes settings in place, and asks before anything is drawn", () => {
  const { store, neuron, sent } = neuronOf();
  const before = store.state.settings;
  const frozen = JSON.stringify(before);
  store.follow(() => assert.ok(store.state.asked <= neuron.requests.newest));
  neuron.setValue("a", 4, { timeStamp: 5 });
  neuron.setCurrent("amplitude", 1);
  neuron.set("start", { v: 0 });
  assert.equal(JSON.stringify(before), frozen);
  assert.equal(store.state.settings.values.a, 4);
  assert.equal(sent.length, 1); // the rest wait for the answer
  neuron.requests.answered(1);
  assert.deepEqual(sent.at(-1).start, { v: 0 });
});

test("a preset keeps the seed and the tour; reset leads back", () => {
  const { store, neuron } = neuronOf({ seed: 5, tour: 2 });
  neuron.newNoise();
  neuron.setValue("a", 9);
  neuron.reset();
  const { seed, tour, values } = store.state.settings;
  assert.deepEqual([seed, tour, values.a], [6, 2, 3]);
});

test("a kick goes to the dot, and beside a kick that is there", () => {
  const { store, neuron } = neuronOf();
  neuron.kick();
  assert.deepEqual(store.state.settings.kicks, []); // there is no trace yet
  store.keep({ trace: {}, time: 40 });
  neuron.kick();
  neuron.kick();
  assert.deepEqual(store.state.settings.kicks, [40, 50]);
});

function answersOf({ store, requests }, more = {}) {
  return new Answers({ store, requests, texts: new Texts(() => {}), columns: () => 100, ...more });
}

function traceMessage(seq, names = ["v", "I"]) {
  const header = { kind: "trace", seq, names, units: {}, columns: 100, t0: 0, t1: 100, spikes: 0, arrays: [] };
  return [header, []];
}

test("a picture that comes too late is left out, and the next request goes out before drawing", () => {
  const page = neuronOf();
  page.neuron.setValue("a", 5);
  const drawn = [];
  page.store.follow((state, changed) => changed.has("trace") && drawn.push([state.trace.seq, page.sent.length]));
  const answers = answersOf(page);
  const receive = (seq) => answers.receive({ ...traceMessage(seq)[0], arrays: [
    { name: "path", dtype: "float32", shape: [2, 1] }, { name: "band", dtype: "float32", shape: [1] },
    { name: "spikes", dtype: "float32", shape: [0] }, { name: "isi", dtype: "int32", shape: [0] },
  ] }, [8, 4, 0, 0].map((size) => new DataView(new ArrayBuffer(size))));
  receive(1);
  assert.deepEqual(drawn, [[1, 2]]);
  receive(2);
  receive(1);
  assert.deepEqual(drawn.map(([seq]) => seq), [1, 2]);
  assert.equal(page.store.state.trace.voltage, "v");
});

test("an error of the neuron lets the next request out, and is shown", () => {
  const page = neuronOf();
  page.neuron.setValue("a", 5);
  answersOf(page).receive({ kind: "error", about: "neuron", seq: 1, text: "no" }, []);
  assert.equal(page.sent.length, 2);
  assert.deepEqual(page.store.state.banner, { text: "no", about: "neuron" });
});

test("arrays are read from wherever they lie", () => {
  const buffer = new Uint8Array(20);
  new DataView(buffer.buffer).setFloat32(5, 1.5, true);
  const found = arraysOf({ arrays: [{ name: "x", dtype: "float32", shape: [1] }] }, [new DataView(buffer.buffer, 5, 4)]);
  assert.deepEqual([...found.x.data], [1.5]);
  assert.deepEqual(arraysOf({}, []), {});
});

test("the value of a run at a time is between two points, and the last before a jump", () => {
  const path = { points: 4, data: [0, 1, 2, 3, 10, 20, NaN, 5] };
  const at = (t) => pathValue(path, 1, pathIndex(path, t), t);
  assert.deepEqual([-1, 0.5, 1.5, 2.5, 3].map(at), [10, 15, 20, 20, 5]);
});

test("an axis grows at once, and shrinks only when most of it is empty", () => {
  const ranges = new SteadyRanges();
  const first = ranges.fit("v", 0, 10);
  assert.equal(ranges.fit("v", 2, 9), first);
  assert.ok(ranges.fit("v", 0, 20)[1] > 20);
  assert.ok(ranges.fit("v", 0, 1)[1] < 2);
});

test("panels fill the height: the voltage first and largest, equal units together, the current last", () => {
  const trace = { names: ["v", "m", "h", "w", "I"], units: { v: "mV", m: "", h: "", w: "pA", I: "pA" }, voltage: "v" };
  const panels = tracePanels(trace, 800, 400);
  assert.deepEqual(panels.map(({ names }) => names.join()), ["v", "m,h", "w", "I"]);
  assert.equal(panels[0].top, 22);
  assert.ok(Math.abs(panels.at(-1).bottom - 376) < 1e-9);
  assert.ok(panels[0].bottom - panels[0].top > panels[1].bottom - panels[1].top);
});

test("the axis of the current has a zero", () => {
  const trace = { names: ["v", "I"], units: {}, voltage: "v", columns: 1, band: new Float32Array([-70, 30, 5, 6]), t0: 0, t1: 10 };
  const { panels, xAt } = traceFrame(trace, null, new SteadyRanges(), 800, 400);
  assert.ok(panels[1].range[0] < 0.1 && panels[1].range[1] > 6);
  assert.deepEqual([xAt(0), xAt(10)], [52, 788]);
});

test("a place in the phase plane and its pixel lead to each other", () => {
  const plane = { form: "plane", x: { name: "v", low: -80, high: 40 }, y: { name: "u", low: -20, high: 10 } };
  const { xAt, yAt } = planeFrame(plane, 300, 200);
  assert.deepEqual(placeInPlane(plane, 300, 200, xAt(-50), yAt(-8)), { v: -50, u: -8 });
  assert.deepEqual(placeInPlane({ ...plane, form: "line" }, 300, 200, xAt(-50), yAt(-8)), { v: -50 });
  assert.equal(placeInPlane(plane, 300, 200, 10, 100), null);
});

test("a series keeps the newest values", () => {
  const scroll = new Scroll(3, 1, Float32Array, NaN);
  scroll.push(new Float32Array([1, 2]));
  assert.deepEqual([...scroll.data], [NaN, 1, 2]);
  scroll.push(new Float32Array([3, 4, 5, 6]));
  assert.deepEqual([...scroll.data], [4, 5, 6]);
  assert.deepEqual([...scroll.resized(4).data], [NaN, 4, 5, 6]);
  assert.deepEqual([...smoothed(new Float32Array([NaN, 2, 4, 6]), 2)], [NaN, 2, 3, 5]);
});

const POPULATIONS = [{ title: "exc", kind: "exc", size: 800, rows: 160 }, { title: "inh", kind: "inh", size: 200, rows: 40 }, { title: "one", kind: "source", size: 1, rows: 1 }];

test("each row of the raster has its own neurons", () => {
  for (let row = 0; row < 201; row++) {
    const { population, neuron } = neuronOfRow(row, POPULATIONS);
    assert.equal(rowOfNeuron(population, neuron, POPULATIONS), row);
  }
  assert.equal(rowOfNeuron(1, 199, POPULATIONS), 199);
  assert.equal(neuronOfRow(201, POPULATIONS), null);
});

test("populations of a kind have shades of its colour, and those of one kind alone have colours", () => {
  const palette = { exc: "#2f7fd1", inh: "#e0572f", variables: ["#2f7fd1", "#e0572f", "#2a9d6e", "#a05fc0", "#c79a1f"] };
  assert.deepEqual(colorsOf(POPULATIONS, palette), ["#2f7fd1", "#e0572f", "#2a9d6e"]);
  const kinds = ["exc", "inh", "exc"].map((kind) => ({ kind }));
  const [first, , third] = colorsOf(kinds, palette);
  assert.ok(first === "#2f7fd1" && third !== first && /^#[0-9a-f]{6}$/.test(third));
  assert.deepEqual(colorsOf([{ kind: "exc" }, { kind: "exc" }], palette), ["#2f7fd1", "#e0572f"]);
});

test("the pace of frames is told now and then", () => {
  const pace = new Pace();
  const told = Array.from({ length: 31 }, (_, i) => pace.arrived([8, 4], i * 33)).filter(Boolean);
  assert.equal(told.length, 4);
  assert.ok(Math.abs(told.at(-1).frames - 1000 / 33) < 0.1);
  assert.deepEqual(told.at(-1).rates, [8, 4]);
});

function networkOf() {
  const sent = [];
  const store = new Store();
  const network = new Network(store, (message) => sent.push(message));
  network.reset(CATALOGUE);
  return { store, network, sent };
}

const knob = (name, value) => ({ ...control(name, 1), value, section: "whole", number: 0 });
const DESCRIBED = { network: "ring", populations: POPULATIONS, links: [{ rule: "" }, { rule: "PairSTDP" }], knobs: [knob("noise", 1), knob("gain", 2)] };
const MEANS = { means: { data: new Float32Array([1, 2, 3]) } };

test("a network is opened with its options, and described", () => {
  const { store, network, sent } = networkOf();
  network.open("ring", {}, { gain: 2 });
  assert.equal(store.state.page, "neuron");
  assert.deepEqual(sent, [{ action: "open", network: "ring", options: { neurons: 5 }, turned: { gain: 2 }, paused: false }]);
  network.described(DESCRIBED, {});
  network.told({ state: "running" });
  assert.deepEqual([network.now.state, network.now.population, network.now.link, network.now.turned], ["running", 0, 1, { gain: 2 }]);
  network.open("no such network");
  assert.equal(sent.length, 1);
  network.show("ring");
  assert.equal(store.state.page, "network");
});

test("a frame is acknowledged when it is drawn, and one of a network that is gone is not", () => {
  const { store, network, sent } = networkOf();
  network.receive({ frame: 9 }, MEANS);
  network.open("ring");
  network.receive({ frame: 9 }, MEANS); // of the one before
  network.described(DESCRIBED, {});
  network.told({ state: "running" });
  store.follow((_, changed) => changed.has("frame") && sent.push("drawn"));
  network.receive({ frame: 1 }, MEANS);
  assert.deepEqual(sent.slice(1), ["drawn", { action: "ack", frame: 1 }]);
});

test("a network is opened again when the server is back, paused if it was", () => {
  for (const [state, paused] of [["running", false], ["paused", true]]) {
    const { network, sent } = networkOf();
    network.open("ring", { neurons: 7 });
    network.described(DESCRIBED, {});
    network.told({ state });
    network.turn(knob("noise", 1), 3);
    network.lost();
    network.lost(); // it is told at each try
    network.found();
    network.found();
    const opened = sent.filter(({ action }) => action === "open");
    assert.equal(opened.length, 2);
    assert.deepEqual(opened[1], { action: "open", network: "ring", options: { neurons: 7 }, turned: { gain: 2, noise: 3 }, paused });
  }
  const { network, sent } = networkOf();
  network.lost();
  network.found();
  assert.deepEqual(sent, []);
});

test("a knob that is turned back stands in no link", () => {
  const { network, sent } = networkOf();
  network.open("ring");
  network.turn(knob("noise", 1), 3);
  assert.deepEqual(network.shared, { name: "ring", options: { neurons: 5 }, turned: { noise: 3 } });
  network.turn(knob("noise", 1), 1);
  assert.deepEqual(network.shared.turned, {});
  assert.deepEqual(sent.slice(1).map(({ action, knob: name, value }) => [action, name, value]), [["turn", "noise", 3], ["turn", "noise", 1]]);
});

test("nobody looks: the network pauses, and goes on afterwards", () => {
  const { network, sent } = networkOf();
  network.open("ring");
  network.told({ state: "running" });
  network.pauseWhileHidden(true);
  network.told({ state: "paused" });
  network.pauseWhileHidden(false);
  network.pauseWhileHidden(false);
  assert.deepEqual(sent.slice(1).map(({ action }) => action), ["pause", "resume"]);
});

test("nobody looks while it is built: it pauses as soon as it runs", () => {
  const { network, sent } = networkOf();
  network.pauseWhileHidden(true);
  network.open("ring");
  network.told({ state: "running" });
  network.told({ state: "paused" });
  network.pauseWhileHidden(false);
  assert.deepEqual(sent.slice(1).map(({ action }) => action), ["pause", "resume"]);
});

test("a clip goes on until it is taken, refused, or time goes back", () => {
  const { network } = networkOf();
  network.open("ring");
  network.told({ state: "running" });
  network.record();
  network.failed("kick");
  assert.ok(network.now.recording);
  for (const end of [() => network.failed("clip"), () => network.putBack(), () => network.newNoise(), () => network.told({ state: "closed" })]) {
    if (!network.now.recording) network.record();
    end();
    assert.ok(!network.now.recording);
  }
});

test("a clip that ends by itself is told by the first frame that is not in it", () => {
  const { network } = networkOf();
  network.open("ring");
  network.described(DESCRIBED, {});
  network.told({ state: "running" });
  network.record();
  for (const [clip, recording] of [[null, true], [20, true], [50, true], [null, false]]) {
    network.receive({ frame: 1, clip }, MEANS);
    assert.equal(network.now.recording, recording);
  }
});

test("a network that cannot be built is closed", () => {
  const { network } = networkOf();
  network.open("ring");
  network.failed();
  assert.ok(network.closed);
  assert.equal(network.shared, null);
});

test("a link opens its network with finite numbers, and nothing that it does not name", () => {
  const { network, sent } = networkOf();
  network.restore({ name: "ring", options: { neurons: 8, x: "many" }, turned: { noise: null, gain: 2 } });
  assert.deepEqual(sent, [{ action: "open", network: "ring", options: { neurons: 8 }, turned: { gain: 2 }, paused: false }]);
  for (const given of [null, undefined, 3, {}, { name: "none" }]) network.restore(given);
  assert.equal(sent.length, 1);
});
