// What drives the network: knobs of all of it, of a population, of a projection; and what it was built with.

import { button, card, labelled, selectOf } from "../base/controls.js";
import { later } from "../base/delay.js";
import { h } from "../base/dom.js";
import { onlyNumbers } from "../base/number_fields.js";
import { sliderRow } from "../base/slider.js";

const REOPEN_AFTER = 500; // ms without a change
const REWARD = 0.5; // of a modulator, at first

/** Rows of knobs, built anew only where there are other ones. */
function knobRows(network) {
  const element = h("div", { class: "knobs" });
  let names = null;
  let rows = new Map();
  return {
    element,
    show(knobs) {
      const wanted = JSON.stringify(knobs.map(({ name, low, high, default: first }) => [name, low, high, first]));
      if (wanted !== names) {
        names = wanted;
        rows = new Map(knobs.map((knob) => [knob.name, sliderRow(knob, knob.value, (value) => network.turn(knob, value))]));
        element.replaceChildren(...[...rows.values()].map((row) => row.element));
      }
      for (const { name, value } of knobs) rows.get(name).set(value);
    },
  };
}

export function networkControls({ network, store }) {
  const [all, ofPopulation, ofLink] = [knobRows(network), knobRows(network), knobRows(network)];
  const options = optionFields(network);
  const populationSelect = selectOf("population", [], () => network.choosePopulation(Number(populationSelect.value)));
  const linkSelect = selectOf("projection", [], () => network.chooseLink(Number(linkSelect.value)));
  const silenceButton = button({ icon: "mute", text: "silence", label: "silence the population", "aria-pressed": "false", onclick: silence });
  const kickButton = button({ icon: "kick", text: "kick", label: "kick the population", onclick: () => network.act("kick", { population: network.now.population }) });
  const cellsButton = button({ text: "cells like the neuron", class: "wide", onclick: makeCells });
  const reason = h("p", { class: "muted", hidden: true });
  const watchField = onlyNumbers(h("input", { type: "number", min: 0, step: 1, value: 0, "aria-label": "watch neuron", onchange: watch }));
  const learnButton = button({ text: "learns", label: "let the projection learn", "aria-pressed": "false", onclick: learn });
  const rule = h("span", { class: "muted" });
  const rewards = h("div", { class: "rewards" });
  const linkCard = card("Projection", linkSelect, h("div", { class: "join" }, learnButton, rule), ofLink.element);
  const rewardCard = card("Reward", rewards);
  const left = h("p", { class: "muted", hidden: true });
  let shown = null;
  let modulators = "";

  const chosen = () => network.now.description.populations[network.now.population];
  const chosenLink = () => network.now.description.links[network.now.link];

  function silence() {
    network.act("silence", { population: network.now.population, silenced: !chosen().silenced });
  }

  function makeCells() {
    network.act("cells", { population: network.now.population, settings: store.state.settings });
  }

  function watch() {
    const neuron = Math.round(Number(watchField.value));
    if (neuron >= 0) network.act("watch", { population: network.now.population, neuron });
  }

  function learn() {
    network.act("learn", { link: network.now.link, learning: !chosenLink().learning });
  }

  function fill(select, list) {
    const content = list.map(({ title }, k) => h("option", { value: k }, title));
    select.replaceChildren(...content);
  }

  function show({ description, population, link, turned }) {
    const { populations, links, knobs, links_left_out: out } = description;
    if (description !== shown) {
      shown = description;
      fill(populationSelect, populations);
      fill(linkSelect, links);
      left.hidden = !out;
      left.textContent = `${out.toLocaleString("en")} more projections have no sliders of their own.`;
      showRewards([...new Set(links.flatMap((one) => one.modulators))]);
    }
    const now = knobs.map((knob) => ({ ...knob, value: turned[knob.name] ?? knob.default }));
    const of = (section, number) => now.filter((one) => one.section === section && one.number === number);
    all.show(of("whole", 0));
    ofPopulation.show(of("population", population));
    populationSelect.value = String(population);
    showPopulation(populations[population]);
    linkCard.hidden = !links.length;
    if (!links.length) return;
    ofLink.show(of("link", link));
    linkSelect.value = String(link);
    const one = links[link];
    learnButton.hidden = !one.rule;
    learnButton.setAttribute("aria-pressed", String(one.learning));
    rule.textContent = one.rule || "weights stay as they are";
  }

  function showPopulation({ kind, silenced, size }) {
    const sends = kind === "source";
    for (const one of [silenceButton, kickButton, watchField.parentElement, cellsButton]) one.hidden = sends;
    silenceButton.setAttribute("aria-pressed", String(silenced === true));
    watchField.max = size - 1;
    showCells();
  }

  function showCells() {
    const { settings } = store.state;
    if (!network.now.description || !settings) return;
    const { model, title } = chosen();
    const same = model === settings.model;
    const why = same ? `parameters of ${settings.preset ?? settings.model}, as they stand on the page of the neuron`
      : `The cells of ${title} are of ${model}, the neuron is of ${settings.model}.`;
    cellsButton.disabled = !same;
    cellsButton.title = why;
    const words = same ? `cells like the neuron (${settings.preset ?? settings.model})` : "cells like the neuron";
    cellsButton.lastChild.textContent = words;
    cellsButton.setAttribute("aria-label", words);
    reason.hidden = same || model === undefined;
    reason.textContent = why;
  }

  function showRewards(names) {
    rewardCard.hidden = !names.length;
    if (names.join() === modulators) return;
    modulators = names.join();
    rewards.replaceChildren(...names.map((name) => {
      const field = onlyNumbers(h("input", { type: "number", step: "any", value: REWARD, "aria-label": `amount of ${name}` }));
      const give = button({ icon: "reward", text: `give ${name}`, label: `give ${name}`, onclick: () => field.value && network.act("modulate", { modulator: name, amount: Number(field.value) }) });
      return h("div", { class: "join" }, field, give);
    }));
  }

  return {
    element: h("div", { class: "network-controls" },
      options.element,
      card("All of it", all.element),
      rewardCard,
      card("Population", populationSelect, h("div", { class: "join" }, silenceButton, kickButton), labelled("watch neuron", watchField), ofPopulation.element, cellsButton, reason),
      linkCard, left),
    update(state, changed) {
      if (changed.has("network")) options.show(state.network);
      if (changed.has("network") && state.network.description) show(state.network);
      if (changed.has("settings")) showCells();
    },
    stop() {
      options.stop();
    },
  };
}

/** What the network was built with: another number builds it anew. */
function optionFields(network) {
  const element = card("Built with", h("div", {}));
  const reopen = later(() => network.open(network.now.name, wanted), REOPEN_AFTER);
  let name = null;
  let wanted = {};
  let fields = new Map();

  function build(exhibit) {
    fields = new Map(exhibit.options.map((one) => {
      const field = onlyNumbers(h("input", { type: "number", min: one.low, max: one.high, step: "any", "aria-label": one.label }));
      field.addEventListener("change", () => {
        if (field.value === "" || !field.checkValidity()) {
          field.setAttribute("aria-invalid", "true");
          return;
        }
        wanted = { ...wanted, [one.name]: Number(field.value) };
        reopen();
      });
      return [one.name, field];
    }));
    const variants = Object.entries(exhibit.variants).map(([text, given]) => button({ text, label: text, onclick: () => network.open(name, given) }));
    element.lastChild.replaceChildren(h("div", { class: "openers" }, ...variants), ...exhibit.options.map((one) => labelled(one.label, fields.get(one.name))));
  }

  return {
    element,
    show(now) {
      const exhibit = network.exhibit;
      element.hidden = !exhibit?.options.length;
      if (element.hidden) return;
      if (now.name !== name) {
        name = now.name;
        build(exhibit);
      }
      wanted = now.options;
      for (const [one, field] of fields) {
        if (field === document.activeElement) continue;
        field.removeAttribute("aria-invalid");
        field.value = now.options[one];
      }
    },
    stop: () => reopen.cancel(),
  };
}
