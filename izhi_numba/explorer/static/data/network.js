// The network that is shown: whether it runs, what is turned, and what the hand does to it.

import { finite } from "../base/numbers.js";
import { defaultsOf } from "./catalogue.js";
import { Pace } from "./pace.js";

/** The network of one page. The server runs it; here is what it was told, and what it answers. */
export class Network {
  #pace = new Pace();
  #hidden = false; // nobody looks
  #unseen = false; // paused for that
  #recorded = false; // the last frame belongs to a clip
  #again = false; // to be opened anew when the server is back

  /** `post(message)` sends a message about the network. */
  constructor(store, post) {
    this.store = store;
    this.post = post;
  }

  /** No network is open, for views that are yet to be built. */
  reset(catalogue) {
    this.#pace = new Pace();
    this.#unseen = this.#again = false;
    this.catalogue = catalogue;
    this.store.keep({ frame: null, weights: null, clip: null, network: { ...CLOSED } });
  }

  get now() {
    return this.store.state.network;
  }

  get closed() {
    return this.now.state === "closed";
  }

  /** What is open, as the gallery tells it. */
  get exhibit() {
    return this.catalogue.networks.find(({ name }) => name === this.now.name);
  }

  #change(news) {
    this.store.change({ network: { ...this.now, ...news } });
  }

  act(action, more = {}) {
    if (!this.closed) this.post({ action, ...more });
  }

  /** Open one of the gallery, and turn to its page. */
  show(name, options) {
    this.store.change({ page: "network" });
    this.open(name, options);
  }

  /** Open one, or the same anew; `turned` are numbers to be set once it is built. */
  open(name, options = {}, turned = {}, paused = false) {
    const exhibit = this.catalogue.networks.find((one) => one.name === name);
    if (!exhibit) {
      this.store.change({ toast: `There is no network “${name}” here.` });
      return;
    }
    this.#pace.begin();
    this.store.keep({ frame: null, weights: null, clip: null });
    this.#change({ ...CLOSED, state: "building", name, options: { ...defaultsOf(exhibit.options), ...options }, turned });
    this.act("open", { network: name, options: this.now.options, turned, paused });
  }

  close() {
    this.act("close");
    this.#pace.begin();
    this.store.keep({ frame: null, weights: null, clip: null });
    this.#change({ ...CLOSED });
    this.store.change({ frame: null });
  }

  toggle() {
    if (this.now.state === "paused") this.act("resume");
    else if (this.now.state === "running") this.act("pause");
  }

  step() {
    if (this.now.state === "running") this.act("pause");
    this.act("step");
  }

  setPace(pace) {
    this.#change({ pace });
    this.act("pace", { pace });
  }

  /** Turn a knob; what stands in a link are those that are not as they were. */
  turn(knob, value) {
    const turned = { ...this.now.turned, [knob.name]: value };
    if (value === knob.default) delete turned[knob.name];
    this.act("turn", { knob: knob.name, value });
    this.#change({ turned });
  }

  choosePopulation(population) {
    this.#change({ population });
  }

  chooseLink(link) {
    this.#change({ link });
    this.act("weigh", { link });
  }

  /** All is as it was when it was opened; a clip that goes on ends with it. */
  putBack() {
    this.#change({ turned: {}, recording: false });
    this.act("reset");
  }

  /** Begin again with other noise; a clip that goes on ends with it. */
  newNoise() {
    this.#change({ recording: false });
    this.act("noise");
  }

  record() {
    this.store.change({ clip: null });
    this.#change({ recording: !this.now.recording });
    this.act(this.now.recording ? "record" : "clip");
  }

  /** Nobody looks: no frames are drawn, so none are made. */
  pauseWhileHidden(hidden) {
    this.#hidden = hidden;
    if (hidden) this.#pauseUnseen();
    else if (this.#unseen) {
      this.#unseen = false;
      this.act("resume");
    }
  }

  #pauseUnseen() {
    if (this.now.state !== "running" || this.#unseen) return;
    this.#unseen = true;
    this.act("pause");
  }

  /** The server does not know this network any more. */
  lost() {
    if (this.closed || this.now.state === "lost") return;
    this.#again = true;
    this.#change({ wasPaused: this.now.state === "paused", state: "lost" });
  }

  /** The server is back. */
  found() {
    const { name, options, turned, pace, wasPaused } = this.now;
    if (this.#again) {
      this.open(name, options, turned, wasPaused);
      this.setPace(pace);
    }
    this.#again = false;
  }

  /** The server says how the network is. */
  told({ state, why }) {
    if (state === "closed" && this.now.state === "building") return; // the one before it
    this.#pace.begin();
    this.#change({ state, why: why ?? "", ...(state === "closed" && { name: null, description: null, recording: false }) });
    if (this.#hidden) this.#pauseUnseen(); // one that was opened out of sight
  }

  /** The server says what the network is made of: when it is there, and whenever that has changed. */
  described(header, arrays) {
    const { population, link } = this.now;
    const { populations, links, knobs } = header;
    const news = header.network ? { link: Math.max(0, links.findIndex(({ rule }) => rule)), population: Math.max(0, populations.findIndex(({ kind }) => kind !== "source")) } : {};
    const turned = Object.fromEntries(knobs.filter((one) => one.value !== one.default).map((one) => [one.name, one.value]));
    this.#change({
      population: Math.min(population, populations.length - 1), link: Math.min(link, Math.max(0, links.length - 1)), ...news, turned,
      description: { ...header, arrays },
    });
    if (header.changed) this.store.change({ toast: "The network was changed outside of this page: here is what it is now." });
  }

  /** The server has refused an action: a network that is not there yet will not come. */
  failed(action) {
    if (this.now.state === "building") this.#change({ ...CLOSED });
    if (action === "record" || action === "clip") this.#change({ recording: false });
  }

  /** A frame has come; the server is told when it is drawn, and so sends no more than are looked at. */
  receive(header, arrays) {
    if (this.closed || this.now.state === "building") return;
    const recorded = typeof header.clip === "number";
    if (this.#recorded && !recorded && this.now.recording) this.#change({ recording: false }); // it ended by itself
    this.#recorded = recorded;
    const pace = this.#pace.arrived([...arrays.means.data], performance.now());
    this.store.change({ frame: { header, arrays }, ...(pace && { pace }) });
    this.act("ack", { frame: header.frame });
  }

  stop() {
    if (!this.closed) this.act("close");
  }

  /** What a link keeps; null where nothing is open, or what only this server has. */
  get shared() {
    const { name, options, turned } = this.now;
    return name === null ? null : { name, options, turned };
  }

  restore(shared) {
    const numbers = (given) => Object.fromEntries(Object.entries(given ?? {}).filter(([, value]) => finite(value)));
    if (typeof shared?.name === "string") this.open(shared.name, numbers(shared.options), numbers(shared.turned));
  }
}

const CLOSED = {
  state: "closed", // building, running, paused, waiting (for another thread), lost (with its server)
  why: "", // it waits
  name: null,
  options: {}, // it was built with
  turned: {}, // knobs that are not as they were
  description: null, // populations, projections, knobs
  population: 0, // whose knobs are shown
  link: 0, // whose weights are shown
  pace: 1, // times real time that are wanted
  recording: false,
  wasPaused: false, // before its server was lost
};
