// Above the network: what it is, start and pause, how fast it goes, clips.

import { button, selectOf } from "../base/controls.js";
import { copyText, download } from "../base/copies.js";
import { h } from "../base/dom.js";
import { setIcon } from "../base/icons.js";
import { shown } from "../base/numbers.js";
import { stackedPicture } from "../plots/picture.js";

const PACES = [[0.02, "1/50 of real time"], [0.1, "1/10 of real time"], [0.5, "half of real time"], [1, "real time"], [3, "3 × real time"], [10, "10 × real time"], [100, "as fast as it goes"]];
const RUN_WORDS = { running: "pause", paused: "resume", building: "building …", waiting: "waiting …", lost: "lost" };
const whole = (n) => n.toLocaleString("en");

/** `pictures()` are those that a saved picture has. */
export function networkBar({ network, palette, store, say, pictures }) {
  const title = h("h2", {});
  const facts = h("span", { class: "muted facts" });
  const runButton = button({ icon: "pause", text: "pause", label: "pause the network", class: "primary", onclick: () => network.toggle() });
  const act = (icon, text, label, action) => button({ icon, text, label, onclick: action });
  const stepButton = act("step", "step", "step: one column of time", () => network.step());
  const kickButton = act("kick", "kick", "kick the network", () => network.act("kick"));
  const noiseButton = act("noise", "other noise", "other noise, from the beginning", () => network.newNoise());
  const resetButton = act("reset", "reset", "reset the network", () => network.putBack());
  const recordButton = button({ icon: "record", text: "record", label: "record a clip", "aria-pressed": "false", onclick: () => network.record() });
  const paceSelect = selectOf("speed", [["", PACES]], () => network.setPace(Number(paceSelect.value)));
  const pace = h("span", { class: "pace" });
  const note = h("div", { class: "note", role: "status", hidden: true });
  const clip = h("div", { class: "clip", role: "status", hidden: true });
  const buttons = [stepButton, kickButton, noiseButton, resetButton, recordButton];

  function show({ state, why, description, name, recording, pace: wanted }) {
    const exhibit = network.exhibit;
    title.textContent = exhibit?.title ?? name ?? "";
    facts.textContent = description ? `${whole(description.n)} units, ${whole(description.synapses)} synapses, step ${shown(description.dt)} ms` : "";
    setIcon(runButton, state === "running" ? "pause" : "play");
    runButton.lastChild.textContent = RUN_WORDS[state] ?? "";
    runButton.setAttribute("aria-label", state === "building" ? "the network is being built" : `${RUN_WORDS[state]} the network`);
    runButton.disabled = !["running", "paused"].includes(state);
    for (const one of buttons) one.disabled = !["running", "paused"].includes(state);
    recordButton.setAttribute("aria-pressed", String(recording));
    recordButton.lastChild.textContent = recording ? "stop" : "record";
    paceSelect.value = String(wanted);
    if (state === "paused") pace.textContent = "paused";
    if (state === "building") pace.textContent = "building …";
    if (state === "waiting") note.textContent = `The network waits: ${why}.`;
    note.hidden = state !== "waiting";
  }

  function showPace({ frames }, { factor, slow, t, clip: length }) {
    const { pace: wanted, recording, state } = network.now;
    pace.textContent = `${shown(t / 1000, 4)} s · ${shown(factor, 2)} × real time · ${frames.toFixed(0)} frames/s`;
    if (recording && length !== null) recordButton.lastChild.textContent = `stop, ${(length / 1000).toFixed(1)} s`;
    if (state === "waiting") return;
    note.hidden = !slow || wanted > 1;
    const goal = wanted === 1 ? "in real time" : `at ${wanted} × real time`;
    if (slow) note.textContent = `This machine is too slow for this network ${goal}: it runs at ${shown(factor, 2)} ×.`;
  }

  function picture() {
    return stackedPicture(`${title.textContent} · ${facts.textContent}`, pictures(), palette());
  }

  function savePicture() {
    picture().toBlob((blob) => download(blob, `${fileTitle()}.png`));
  }

  const fileTitle = () => (title.textContent || "network").replace(/\W+/g, "_");
  const clipTitle = () => `${fileTitle()}_clip`; // not that of the file which the script imports

  function showClip(found) {
    clip.hidden = found === null;
    if (found === null) return;
    const canvas = picture(); // as it was at the end of the clip
    const { since, until, full, exact, table, script } = found;
    const words = `Clip from ${shown(since / 1000, 5)} to ${shown(until / 1000, 5)} s${full ? ", where it ended by itself" : ""}:`;
    const save = (text, label, run) => button({ icon: "save", text, label, onclick: run });
    clip.replaceChildren(h("span", {}, words),
      save("PNG", "save the clip's picture", () => canvas.toBlob((blob) => download(blob, `${clipTitle()}.png`))),
      save("CSV", "save the clip's spikes", () => download(new Blob([table], { type: "text/csv" }), `${clipTitle()}.csv`)),
      save("Python", "save the clip's script", () => download(new Blob([script], { type: "text/x-python" }), `${clipTitle()}.py`)),
      button({ icon: "copy", text: "Python", label: "copy the clip's script", onclick: async () => {
        await copyText(script);
        say(exact ? "The Python code is copied: it has the same spikes." : "The Python code is copied; what it lacks stands in it.");
      } }),
      button({ icon: "close", label: "close the clip", class: "quiet", onclick: () => store.change({ clip: null }) }));
  }

  return {
    element: h("div", { class: "network-head" },
      h("div", { class: "network-bar" }, button({ icon: "gallery", text: "gallery", label: "back to the gallery", class: "quiet", onclick: () => network.close() }), title, facts, pace),
      h("div", { class: "network-bar", role: "group", "aria-label": "the network runs" }, runButton, stepButton, paceSelect, kickButton, noiseButton, resetButton, recordButton),
      note, clip),
    savePicture,
    update(state, changed) {
      if (changed.has("network")) show(state.network);
      if (changed.has("pace") && state.frame) showPace(state.pace, state.frame.header);
      if (changed.has("clip")) showClip(state.clip);
    },
  };
}
