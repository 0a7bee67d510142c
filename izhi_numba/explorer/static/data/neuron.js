// What the hand does to the neuron.

import { modelNamed, presetNamed } from "./catalogue.js";
import { currentOfKind } from "./currents.js";
import { baseOf, settingsOfModel, settingsOfPreset } from "./settings.js";

/** All ways in which the settings of the neuron change. Each asks for new pictures before the page shows the change. */
export class Neuron {
  constructor(store, requests) {
    this.store = store;
    this.requests = requests;
  }

  get settings() {
    return this.store.state.settings;
  }

  get catalogue() {
    return this.store.state.catalogue;
  }

  /** Ask for pictures of settings. `event` is what the hand did, `news` what else changes with them. */
  ask(settings, event, news = {}) {
    this.store.keep({ settings });
    this.requests.change(event?.timeStamp ?? performance.now());
    this.store.change({ ...news, settings, asked: this.requests.newest });
  }

  /** Ask for pictures of settings that have come as a whole. */
  askWhole(settings) {
    this.ask(settings, undefined, { taken: this.store.state.taken + 1 });
  }

  set(name, value, event) {
    this.ask({ ...this.settings, [name]: value }, event);
  }

  setValue(name, value, event) {
    this.set("values", { ...this.settings.values, [name]: value }, event);
  }

  setCurrent(name, value, event) {
    this.set("current", { ...this.settings.current, [name]: value }, event);
  }

  chooseKind(kind) {
    const { model, current, duration } = this.settings;
    // A published current has nothing to set.
    this.set("current", kind === "protocol" ? { kind } : currentOfKind(kind, this.catalogue, modelNamed(this.catalogue, model), duration, current));
  }

  /** Take other settings as a whole; the tour goes on, and the seed stays where they have none. */
  take(settings) {
    const { seed, tour } = this.settings ?? {};
    this.begin({ ...settings, seed: settings.seed ?? seed ?? 1, tour: tour ?? null });
  }

  /** Take other settings exactly as they are. */
  begin(settings) {
    this.store.keep({ time: null }); // the dot that is drawn goes with the picture that it is in
    this.askWhole(settings);
  }

  choosePreset(name) {
    const preset = presetNamed(this.catalogue, name);
    if (preset) this.take({ ...settingsOfPreset(preset, this.catalogue), seed: this.settings?.seed });
  }

  chooseModel(name) {
    this.take({ ...settingsOfModel(modelNamed(this.catalogue, name), this.catalogue), seed: this.settings?.seed });
  }

  reset() {
    this.take({ ...baseOf(this.settings, this.catalogue), seed: this.settings.seed });
  }

  /** A pulse at the dot, or in the middle; a little later where there is one. */
  kick() {
    const { settings, store: { state: { trace, time } } } = this;
    const { duration, kicks } = settings;
    let at = Number((time ?? duration / 2).toPrecision(4));
    while (kicks.includes(at) && at < duration) at = Number((at + duration / 20).toPrecision(4));
    if (!trace || at >= duration) return;
    this.set("kicks", [...kicks, at].sort((a, b) => a - b));
  }

  newNoise() {
    this.set("seed", (Math.round(this.settings.seed) || 0) + 1);
  }

  /** Keep the trace that is there in grey, or let go of it. */
  toggleFreeze() {
    const { frozen, trace } = this.store.state;
    this.store.change({ frozen: frozen ? null : trace });
  }
}
