// The neuron as a Python program.

import { button, card } from "../base/controls.js";
import { copyText } from "../base/copies.js";
import { later } from "../base/delay.js";
import { h } from "../base/dom.js";

const ASK_AFTER = 200; // ms without a change
const PYTHON = /(#.*$)|("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|\b(import|from|as|def|return|for|in|if|else|lambda|class|print|None|True|False)\b|(\b\d[\d_.]*(?:e[+-]?\d+)?\b)/gm;
const KINDS = ["comment", "string", "keyword", "number"];

/** Code in colours, as nodes. */
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

export function pythonCard({ texts, say }) {
  const box = h("code", {});
  const showLater = later(show, ASK_AFTER);
  let asked = 0;

  async function show() {
    const number = ++asked;
    const code = await texts.ask("python");
    if (number === asked && code !== null) box.replaceChildren(...highlighted(code)); // else a newer one is on its way
    return code;
  }

  async function copy() {
    showLater.cancel();
    const code = await show();
    if (code === null) return;
    await copyText(code);
    say("The Python code is copied.");
  }

  return {
    element: card("Python", h("div", { class: "code" },
      h("pre", { tabindex: 0, "aria-label": "Python code" }, box), button({ icon: "copy", label: "copy the code", class: "quiet", onclick: copy }))),
    copy,
    update(_, changed) {
      if (changed.has("settings")) showLater();
    },
    stop() {
      showLater.cancel();
    },
  };
}
