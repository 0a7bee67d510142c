// Buttons, menus, names beside them, and cards to put them in.

import { h } from "./dom.js";
import { icon } from "./icons.js";

/** A button with an icon, a text, or both; `label` is its accessible name and tooltip. */
export function button({ icon: name, text, label, onclick, key, ...attributes }) {
  const title = key ? `${label ?? text} (${key})` : label;
  const content = [name && icon(name), text && h("span", {}, text)];
  return h("button", { type: "button", "aria-label": label ?? text, title, onclick, ...attributes }, ...content);
}

/** A select with a name. `groups` are [label, [[value, text], ...]]; a label of "" makes no group. */
export function selectOf(label, groups, onchange) {
  const options = (list) => list.map(([value, text]) => h("option", { value }, text));
  const content = groups.map(([group, list]) => (group ? h("optgroup", { label: group }, ...options(list)) : options(list)));
  return h("select", { "aria-label": label, onchange }, ...content.flat());
}

export const labelled = (text, control) => h("div", { class: "pair" }, h("span", { class: "name" }, text), control);

/** A part of the page with a name. */
export const card = (title, ...content) => h("section", { class: "card" }, h("h2", {}, title), ...content);
