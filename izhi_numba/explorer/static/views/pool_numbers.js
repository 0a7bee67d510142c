// Numbers of the pool, and the spectrum of its rate.

import { h } from "../base/dom.js";
import { finite } from "../base/numbers.js";
import { SteadyRanges } from "../data/ranges.js";
import { key } from "./legend.js";
import { Plot } from "../plots/plot.js";
import { drawSpectrum } from "../plots/spectrum.js";

const hertz = (value, none = "–") => (finite(value) ? `${value.toFixed(1)} Hz` : none);

export function poolNumbers({ palette }) {
  const ranges = new SteadyRanges();
  let power = {}; // after the first second
  const numbers = Object.fromEntries(["exc", "inh", "peak", "synapses"].map((name) => [name, h("b", {}, "–")]));
  const number = (name, label, className) => h("div", { class: `readout ${className ?? ""}` }, h("span", {}, label), numbers[name]);
  const plot = new Plot("spectrum", "power spectrum of the rate of all neurons", { base: (...canvas) => drawSpectrum(...canvas, power, ranges) }, palette);

  function receive({ header, arrays: { spectrum } }) {
    if (!spectrum) return;
    power = { power: spectrum.data, step: header.spectrum_step, peak: header.peak_hz, independent: header.independent };
    plot.draw();
  }

  function showRates([exc, inh], { peak_hz: peak }) {
    numbers.exc.textContent = hertz(exc);
    numbers.inh.textContent = hertz(inh);
    numbers.peak.textContent = hertz(peak, "none");
  }

  return {
    element: h("div", { class: "pool-side" },
      h("div", { class: "readouts" },
        number("exc", "excitatory", "exc"), number("inh", "inhibitory", "inh"), number("peak", "peak"), number("synapses", "synapses")),
      h("h3", {}, "Power of the rate, Hz²/Hz"), plot.element,
      h("div", { class: "legend" }, key("main", "all neurons"), key("dashed", "if they spiked independently"))),
    update({ pool, frame, pace }, changed) {
      if (changed.has("theme")) plot.draw();
      if (changed.has("pool") && pool.synapses) numbers.synapses.textContent = pool.synapses.toLocaleString("en");
      if (changed.has("frame") && frame) receive(frame);
      if (changed.has("pace")) showRates(pace.rates, frame.header);
    },
    stop() {
      plot.stop();
    },
  };
}
