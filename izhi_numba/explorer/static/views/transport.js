// Below the traces: play, freeze, kick, reset.

import { button, selectOf } from "../base/controls.js";
import { h } from "../base/dom.js";
import { setIcon } from "../base/icons.js";
import { signed } from "../base/numbers.js";
import { baseOf, isModified } from "../data/settings.js";
import { chipsView } from "./chips.js";

const SPEEDS = [[5, "5 ms/s"], [20, "20 ms/s"], [50, "50 ms/s"], [100, "100 ms/s"], [250, "250 ms/s"], [1000, "real time"]];

/** `play` starts and stops the dot; `speed()` is how fast it is to go, in ms of the trace per second. */
export function transportView({ catalogue, neuron, play }) {
  const chips = chipsView({ catalogue, neuron });
  const clock = h("span", { class: "clock" });
  const playButton = button({ icon: "play", label: "play", key: "space", class: "primary", onclick: play });
  const speed = selectOf("play speed", [["", SPEEDS]], () => {});
  speed.value = "50";
  const freezeButton = button({ icon: "freeze", text: "freeze", key: "f", label: "freeze", "aria-pressed": "false", onclick: () => neuron.toggleFreeze() });
  const resetButton = button({ icon: "reset", text: "reset", key: "r", label: "reset", onclick: () => neuron.reset() });

  return {
    element: h("div", { class: "transport", role: "group", "aria-label": "transport" }, playButton, speed, clock, chips.element,
      h("div", { class: "actions" }, freezeButton, button({ icon: "kick", text: "kick", key: "k", label: "kick", onclick: () => neuron.kick() }), resetButton)),
    speed: () => Number(speed.value),
    update(state, changed) {
      const { settings, frozen, playing, time, trace } = state;
      if (changed.has("settings")) {
        resetButton.disabled = !isModified(settings, baseOf(settings, catalogue));
        resetButton.title = resetButton.disabled ? "nothing has been changed" : "reset (r)";
      }
      if (changed.has("frozen")) freezeButton.setAttribute("aria-pressed", String(frozen !== null));
      if (changed.has("time")) clock.textContent = time === null ? "" : `${signed(time.toFixed(trace.t1 > 200 ? 0 : 1))} ms`;
      if (changed.has("playing")) {
        setIcon(playButton, playing ? "pause" : "play");
        playButton.setAttribute("aria-label", playing ? "pause" : "play");
      }
      chips.update(state, changed);
    },
  };
}
