// The pool: whether it runs, what drives it, and what the hand does to it.

import { finite } from "../base/numbers.js";
import { defaultsOf } from "./catalogue.js";
import { Pace } from "./pace.js";

/** The pool of one page. The server runs it; here is what it was told, and what it answers. */
export class Pool {
  #pace = new Pace();
  #unseen = false; // paused because nobody looks
  #again = false; // to be started anew when the server is back

  /** `post(message)` sends a message about the pool. */
  constructor(store, post) {
    this.store = store;
    this.post = post;
  }

  /** A pool that has not been started, for views that are yet to be built. */
  reset(catalogue) {
    this.#pace = new Pace();
    this.#unseen = this.#again = false;
    this.store.keep({
      frame: null,
      pool: {
        state: "stopped", // building, running, paused
        size: catalogue.pool.sizes[0],
        controls: defaultsOf(catalogue.pool.controls),
        cell: null, // settings of the neuron that all excitatory cells are like
        watched: 0,
        n: 0, // neurons and synapses of the one that was built
        synapses: 0,
      },
    });
  }

  get now() {
    return this.store.state.pool;
  }

  get stopped() {
    return this.now.state === "stopped";
  }

  #change(news) {
    this.store.change({ pool: { ...this.now, ...news } });
  }

  act(action, more = {}) {
    this.post({ action, ...more });
  }

  toggle() {
    if (this.now.state === "running") this.act("pause");
    else if (this.now.state === "paused") this.act("resume");
    else if (this.stopped) this.start();
  }

  start() {
    const { size, controls, cell } = this.now;
    this.#pace.begin();
    this.act("start", { n: size, controls, cell });
    this.#change({ state: "building", watched: 0 });
  }

  kick() {
    this.act("kick");
  }

  watch(neuron) {
    this.act("watch", { neuron });
  }

  setSize(size) {
    this.#change({ size });
    if (!this.stopped) this.start();
  }

  /** Take other controls, of which one has changed. */
  setControls(controls, name) {
    if (!this.stopped) this.act("set", { controls: { [name]: controls[name] } });
    this.#change({ controls });
  }

  /** Make all excitatory cells like the neuron above. */
  makeCells() {
    const cell = this.store.state.settings;
    if (!this.stopped) this.act("cells", { settings: cell });
    this.#change({ cell });
  }

  /** Cells of the paper again. */
  paperCells() {
    this.#change({ cell: null });
    if (!this.stopped) this.start();
  }

  /** Nobody looks: no frames are drawn, so none are made. */
  pauseWhileHidden(hidden) {
    if (hidden && this.now.state === "running") {
      this.#unseen = true;
      this.act("pause");
    } else if (!hidden && this.#unseen) {
      this.#unseen = false;
      this.act("resume");
    }
  }

  /** The server does not know this pool any more. */
  lost() {
    if (this.stopped) return;
    this.#again = this.now.state === "running" || this.now.state === "building";
    this.#change({ state: "stopped" });
  }

  /** The server is back. */
  found() {
    if (this.#again) this.start();
    this.#again = false;
  }

  /** The server says how the pool is. */
  told({ state, n, synapses }) {
    this.#pace.begin();
    this.#change({ state, ...(n && { n }), ...(synapses && { synapses }) });
  }

  /** The server has refused something, most likely the cells. */
  failed() {
    this.#change({ state: this.now.state === "building" ? "stopped" : this.now.state, cell: null });
  }

  /** A frame has come; the server is told when it is drawn, and so sends no more than are looked at. */
  receive(header, arrays) {
    const rates = [header.rate_exc, header.rate_inh];
    if (this.now.state === "building") this.store.keep({ pool: { ...this.now, state: "running" } }); // which it says itself, too
    const pace = this.#pace.arrived(rates, performance.now());
    this.store.change({ frame: { header, arrays }, ...(pace && { pace }) });
    this.store.keep({ pool: { ...this.now, watched: header.watched } });
    this.act("ack", { frame: header.frame });
  }

  stop() {
    if (!this.stopped) this.act("stop");
  }

  /** What a link keeps. */
  get shared() {
    const { size, controls, cell } = this.now;
    return { n: size, controls, cell };
  }

  restore({ n, controls, cell } = {}) {
    this.#change({
      ...(finite(n) && { size: n }),
      ...(controls && typeof controls === "object" && { controls: { ...this.now.controls, ...controls } }),
      ...(cell && typeof cell === "object" && { cell }),
    });
  }
}
