// Networks that can be opened, a card each.

import { button } from "../base/controls.js";
import { h } from "../base/dom.js";

export function galleryView({ catalogue, network }) {
  const cardOf = ({ name, title, words, variants }) => {
    const names = Object.keys(variants);
    const openers = names.length
      ? names.map((one) => button({ text: one, label: `${title}: ${one}`, onclick: () => network.show(name, variants[one]) }))
      : [button({ icon: "play", text: "open", label: `open ${title}`, class: "primary", onclick: () => network.show(name) })];
    return h("article", { class: "card exhibit", "data-name": name }, h("h2", {}, title), h("p", {}, words), h("div", { class: "openers" }, ...openers));
  };
  return {
    element: h("section", { class: "gallery", "aria-label": "networks" },
      h("h2", {}, "Networks"),
      h("p", { class: "intro" }, "Open a network and turn what drives it while it runs. Your own opens the same way: ",
        h("code", {}, "izhi-numba explore my_model.py:build"), ", or in a notebook ", h("code", {}, "iz.explore(net)"), "."),
      h("div", { class: "exhibits" }, ...catalogue.networks.map(cardOf))),
  };
}
