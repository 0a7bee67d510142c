// One explorer in one element: what it is made of, and what it listens to.

import { Answers } from "../data/answers.js";
import { modelNamed } from "../data/catalogue.js";
import { Network } from "../data/network.js";
import { Neuron } from "../data/neuron.js";
import { Requests } from "../data/requests.js";
import { firstSettings } from "../data/settings.js";
import { Store } from "../data/store.js";
import { Texts } from "../data/texts.js";
import { columnsOf } from "../plots/trace_frame.js";
import { addressView } from "./address.js";
import { bodyView } from "./body.js";
import { followKey } from "./keys.js";
import { publishedView } from "./published.js";
import { shellView } from "./shell.js";
import { Theme } from "./theme.js";

const FIRST_WIDTH = 800; // pixels of the traces before there is a page
const layoutOf = (width) => (width >= 1060 ? "wide" : width >= 700 ? "medium" : "narrow");

/** The explorer, with anywidget's model at its other end: the server of a page, or a notebook's kernel. */
export class Explorer {
  #catalogueText = null;
  #body = null; // what a catalogue has brought
  #inSight = true;

  constructor(model, el) {
    this.model = model;
    this.onPage = model.host === "page";
    this.viewId = this.onPage ? undefined : Math.random().toString(36).slice(2); // one widget may have several views
    const store = (this.store = new Store());
    const { onPage } = this;
    const say = (toast) => store.change({ toast });
    const columns = () => this.#body?.columns() ?? columnsOf(FIRST_WIDTH, window.devicePixelRatio || 1);
    this.requests = new Requests((seq) => this.send({ kind: "neuron", seq, settings: store.state.settings, width: columns() }));
    this.texts = new Texts((seq, what) => this.send({ kind: "text", seq, what, settings: store.state.settings }));
    this.neuron = new Neuron(store, this.requests);
    this.network = new Network(store, (message) => this.send({ kind: "network", ...message }));
    const { requests, texts, neuron, network } = this;
    this.answers = new Answers({ store, requests, texts, network, columns, oncatalogue: (catalogue) => this.take(catalogue) });
    this.shell = shellView(store, onPage);
    this.root = this.shell.element;
    this.theme = new Theme(store, this.root, onPage);
    this.address = addressView({ store, neuron, network, onPage, say });
    this.published = publishedView(this.root);
    this.parts = { root: this.root, store, neuron, network, texts, theme: this.theme, address: this.address, onPage, say };
    store.follow((state, changed) => this.update(state, changed));
    el.append(this.root);
    this.theme.choose();
    this.listen();
    if (!onPage || model.connected) this.connected();
  }

  /** Whatever has changed goes to all views; they are told in this order. */
  update(state, changed) {
    for (const view of [this.shell, this.#body, this.address, this.published]) view?.update(state, changed);
  }

  /** Everything that is to be undone when the view goes. */
  listen() {
    const off = new AbortController();
    const { signal } = off;
    const keys = this.onPage ? document : this.root;
    const events = {
      "msg:custom": (header, buffers) => this.receive(header, buffers ?? []),
      connected: () => this.connected(),
      disconnected: () => this.disconnected(),
    };
    keys.addEventListener("keydown", (event) => this.key(event), { signal });
    document.addEventListener("visibilitychange", () => this.visibility(), { signal });
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.theme.choose(), { signal });
    if (this.onPage) window.addEventListener("hashchange", () => this.linkChanged(), { signal });
    for (const [name, callback] of Object.entries(events)) this.model.on(name, callback);
    const size = new ResizeObserver(([entry]) => (this.root.dataset.layout = layoutOf(entry.contentRect.width)));
    const sight = new IntersectionObserver((entries) => {
      this.#inSight = entries.at(-1).isIntersecting;
      this.visibility();
    });
    const jupyter = new MutationObserver(() => this.theme.choose());
    size.observe(this.root);
    if (!this.onPage) {
      sight.observe(this.root); // scrolled away, or behind another tab of JupyterLab
      jupyter.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
    }
    this.cleanup = () => {
      off.abort();
      for (const one of [size, sight, jupyter]) one.disconnect();
      for (const [name, callback] of Object.entries(events)) this.model.off?.(name, callback);
    };
  }

  stop() {
    if (this.#body) this.network.stop();
    for (const view of [this.#body, this.shell, this.address]) view?.stop();
    if (!this.onPage) this.send({ kind: "bye" });
    this.cleanup();
    this.root.remove();
  }

  send(message) {
    this.model.send({ ...message, view: this.viewId }, undefined, []);
  }

  connected() {
    this.store.change({ connected: true });
    this.requests.forget();
    this.send({ kind: "hello" });
  }

  disconnected() {
    this.store.change({ connected: false, status: "" });
    this.requests.forget();
    if (this.#body) this.network.lost();
  }

  receive(header, buffers) {
    if (header.view === this.viewId) this.answers.receive(header, buffers); // else another view's
  }

  /** A catalogue has come: with the first message, and whenever the server is back. */
  take(catalogue) {
    const text = JSON.stringify(catalogue);
    const same = text === this.#catalogueText;
    this.#catalogueText = text;
    this.store.change({ status: "" });
    if (same) this.neuron.ask(this.store.state.settings);
    else this.build(catalogue);
    this.network.found();
  }

  /** Build what is seen, for settings that are there, those of the link, or the first ones. */
  build(catalogue) {
    const { store } = this;
    if (this.#body) this.network.stop();
    this.#body?.stop();
    this.#body = null;
    store.keep({ catalogue, plane: null, curve: null, trace: null, frozen: null });
    this.network.reset(catalogue);
    this.#body = bodyView(this.parts);
    this.shell.body.replaceChildren(...this.#body.elements);
    store.change({ network: store.state.network, page: store.state.page }); // which its new views have not seen
    const { settings } = store.state;
    const kept = settings && modelNamed(catalogue, settings.model) ? settings : null;
    if (catalogue.opened) this.store.change({ page: "network" });
    const chosen = kept ?? this.address.read() ?? firstSettings(catalogue);
    if (catalogue.opened && this.network.closed) this.network.open(catalogue.opened);
    this.theme.choose();
    if (catalogue.problem) store.change({ banner: { text: catalogue.problem, about: "message" } });
    this.neuron.askWhole(chosen);
    this.#body.tour.restore(chosen.tour);
  }

  linkChanged() {
    if (this.address.changed()) this.#body.tour.restore(this.store.state.settings.tour);
  }

  key(event) {
    if (this.store.state.settings && !this.#body.help.open) followKey(event, this.#body.keys(), this.#body.presetKey);
  }

  visibility() {
    const hidden = document.visibilityState === "hidden" || !this.#inSight;
    if (this.#body) this.network.pauseWhileHidden(hidden);
    if (!hidden) this.#body?.player.resume();
  }
}
