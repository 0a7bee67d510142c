// All of a page that needs to know what the server has: built once for each catalogue.

import { h } from "../base/dom.js";
import { quickPresets } from "../data/catalogue.js";
import { galleryView } from "./gallery.js";
import { headerView } from "./header.js";
import { helpDialog } from "./help.js";
import { inputCard } from "./input_card.js";
import { modelCard } from "./model_card.js";
import { numericsCard } from "./numerics_card.js";
import { phasePlaneView } from "./phase_plane.js";
import { networkView } from "./network.js";
import { Player } from "./player.js";
import { pythonCard } from "./python_card.js";
import { saveCsv, savePng } from "./saving.js";
import { curveView, intervalsView } from "./small_plots.js";
import { summaryView } from "./summary.js";
import { tourView } from "./tour.js";
import { tracesView } from "./traces.js";
import { transportView } from "./transport.js";

/** Views of the neuron, the network, the tour; `keys()` is what each key does on the page that is seen. */
export function bodyView({ root, store, neuron, network, texts, theme, address, onPage, say }) {
  const { catalogue } = store.state;
  const { palette } = theme;
  const common = { catalogue, store, palette, neuron, network, texts, say };
  const help = helpDialog();
  const tour = tourView({ ...common, steps: catalogue.tour ?? [] });
  const [model, input, numerics, python] = [modelCard, inputCard, numericsCard, pythonCard].map((make) => make(common));
  const [traces, plane, curve, intervals] = [tracesView, phasePlaneView, curveView, intervalsView].map((make) => make(common));
  const plots = { traces: traces.plot, plane: plane.plot, curve: curve.plot, intervals: intervals.plot };
  const summary = summaryView(common);
  const transport = transportView({ ...common, play: () => player.toggle() });
  const player = new Player(store, { speed: transport.speed, shown: () => root.isConnected });
  const actions = {
    tour: catalogue.tour?.length > 0 && (() => tour.toggle()),
    link: onPage && (() => address.copy()),
    python: python.copy,
    page: (page) => store.change({ page }),
    png: () => (onNetwork() ? networks.picture() : savePng(store.state, plots, palette())),
    csv: () => saveCsv(store, texts),
    theme: () => theme.toggle(),
    help: () => help.showModal(),
  };
  const header = headerView({ ...common, actions });
  const networks = networkView(common);
  const views = [traces, plane, curve, intervals, summary, transport, header, model, input, numerics, python, tour, networks];
  const onNetwork = () => store.state.page === "network";
  const single = h("div", { class: "single" }, tour.element,
    h("div", { class: "grid" },
      h("div", { class: "left" }, model.element, input.element, numerics.element, python.element),
      h("div", { class: "centre card" }, summary.element, traces.element, transport.element),
      h("div", { class: "right" }, plane.element, h("div", { class: "two" }, curve.element, intervals.element))),
    galleryView(common).element);
  const always = { d: actions.theme, "?": actions.help };
  const neuronKeys = { ...always, " ": () => player.toggle(), f: () => neuron.toggleFreeze(), k: () => neuron.kick(), n: () => neuron.newNoise(), r: () => neuron.reset() };
  const networkKeys = { ...always, " ": () => network.toggle(), k: () => network.act("kick"), n: () => network.newNoise(), r: () => network.putBack(), s: () => network.step() };

  return {
    elements: [header.element, single, networks.element, help],
    help, tour, player,
    columns: traces.columns,
    keys: () => (onNetwork() ? networkKeys : neuronKeys),
    presetKey(index) {
      if (onNetwork()) return undefined;
      const preset = quickPresets(catalogue, store.state.settings.model)[index];
      return preset && (() => neuron.choosePreset(preset.name));
    },
    update(state, changed) {
      if (changed.has("page")) single.hidden = state.page !== "neuron";
      for (const view of views) view.update(state, changed);
      // The other page begins at its top; the gallery, from which it is opened, is far down.
      if (changed.has("page") && root.getBoundingClientRect().top < 0) root.scrollIntoView();
    },
    stop() {
      player.stop();
      for (const view of views) view.stop?.();
    },
  };
}
