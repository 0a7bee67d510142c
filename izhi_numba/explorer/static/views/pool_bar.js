// Above the pool: start and pause, how many neurons, and how fast it goes.

import { button, selectOf } from "../base/controls.js";
import { h } from "../base/dom.js";
import { setIcon } from "../base/icons.js";
import { shown } from "../base/numbers.js";

const WORDS = { running: "pause", paused: "resume", building: "building …", stopped: "start" };
const count = (n) => n.toLocaleString("en");

export function poolBar({ sizes, pool }) {
  const runButton = button({ icon: "play", text: "start", label: "start the pool", class: "primary", onclick: () => pool.toggle() });
  const sizeSelect = selectOf("number of neurons", [["", sizes.map((n) => [n, count(n)])]], () => pool.setSize(Number(sizeSelect.value)));
  const kickButton = button({ icon: "kick", text: "kick", label: "kick the pool", onclick: () => pool.kick() });
  const pace = h("span", { class: "pace", role: "status" });
  const note = h("div", { class: "note", role: "status", hidden: true }); // where the machine is too slow

  function show({ state, size }) {
    const [running, building] = [state === "running", state === "building"];
    const word = WORDS[state];
    setIcon(runButton, running ? "pause" : "play");
    runButton.lastChild.textContent = word;
    runButton.setAttribute("aria-label", building ? "the pool is being built" : `${word} the pool`);
    runButton.disabled = building;
    kickButton.disabled = !running;
    kickButton.title = running ? "kick the pool" : "only a pool that runs can be kicked";
    sizeSelect.value = String(size);
    if (state === "paused") pace.textContent = "paused";
    if (building) pace.textContent = `building ${count(size)} neurons …`;
    if (state === "stopped") pace.textContent = "";
    if (!running) note.hidden = true;
  }

  function showPace({ frames }, { factor, slow, n }) {
    pace.textContent = `${factor.toFixed(2)} × real time · ${frames.toFixed(0)} frames/s`;
    note.hidden = !slow;
    if (slow) note.textContent = `This machine is too slow for ${count(n)} neurons in real time: it runs at ${shown(factor, 2)} ×.`;
  }

  return {
    element: h("div", { class: "pool-bar" }, h("h2", {}, "Pool"), runButton, sizeSelect, h("span", { class: "muted" }, "neurons"), kickButton, pace),
    note,
    update(state, changed) {
      if (changed.has("pool")) show(state.pool);
      if (changed.has("pace")) showPace(state.pace, state.frame.header);
    },
  };
}
