// From the server's messages to what the page shows.

import { clamp } from "../base/numbers.js";
import { modelNamed } from "./catalogue.js";
import { curveOf } from "./curve.js";
import { arraysOf } from "./messages.js";
import { planeOf } from "./plane.js";
import { traceOf } from "./trace.js";

/** Takes messages of the server, and puts what they bring into the store; pictures that come too late are left out. */
export class Answers {
  #newest = { trace: 0, plane: 0, curve: 0 }; // numbers of the pictures that are there

  /** `columns()` is how many columns the traces have, `oncatalogue` is called with one. */
  constructor({ store, requests, texts, network, columns, oncatalogue }) {
    Object.assign(this, { store, requests, texts, network, columns, oncatalogue });
  }

  receive(header, buffers) {
    const arrays = arraysOf(header, buffers);
    const { network } = this;
    const known = this.store.state.network !== null; // a message may be late, and about a page that is gone
    switch (header.kind) {
      case "catalogue": return this.oncatalogue(header);
      case "trace": return this.#trace(header, arrays);
      case "plane": return this.#plane(header, arrays);
      case "curve": return this.#curve(header, arrays);
      case "text": return this.texts.answered(header.seq, header.text);
      case "status": return this.store.change({ status: header.text });
      case "error": return this.#error(header);
      case "network": return known && network.told(header);
      case "described": return known && network.described(header, arrays);
      case "frame": return known && network.receive(header, arrays);
      case "weights": return known && !network.closed && this.store.change({ weights: { header, arrays } });
      case "clip": return known && this.store.change({ clip: clipOf(header, arrays) });
    }
  }

  #trace(header, arrays) {
    const moved = this.requests.answered(header.seq);
    if (header.seq < this.#newest.trace) return;
    this.#newest.trace = header.seq;
    const { catalogue, settings, trace: before, plane, time, banner } = this.store.state;
    const other = before && before.names.join() !== header.names.join();
    // A plane of other variables can take no path; it is seen until the next one comes.
    if (other || (plane && !header.names.includes(plane.x.name))) this.store.keep({ plane: null });
    const { voltage } = modelNamed(catalogue, settings.model) ?? {};
    this.store.change({
      trace: traceOf(header, arrays, { voltage, columns: this.columns(), moved }),
      intervals: { counts: [...arrays.isi.data], edges: header.isi_edges ?? [0, 1] },
      time: time === null ? null : clamp(time, header.t0, header.t1),
      status: "",
      ...(["neuron", "text"].includes(banner?.about) && { banner: null }), // what was wrong is so no more
    });
  }

  #plane(header, arrays) {
    const { trace } = this.store.state;
    if (!trace || (header.seq !== trace.seq && header.seq < this.#newest.plane)) return;
    this.#newest.plane = header.seq;
    this.store.change({ plane: planeOf(header, arrays, trace.names) });
  }

  #curve(header, arrays) {
    if (header.seq < this.#newest.curve) return;
    this.#newest.curve = header.seq;
    this.store.change({ curve: curveOf(header, arrays) });
  }

  #error({ about, seq, text, action }) {
    if (about === "neuron") this.requests.answered(seq ?? this.requests.seq);
    if (about === "network" && this.store.state.network) this.network.failed(action);
    if (about === "text") this.texts.answered(seq, null);
    this.store.change({ status: "", banner: { text, about } });
  }
}

/** A clip: times in ms, and its texts. */
function clipOf({ since, until, full, exact }, { table, script }) {
  const decoder = new TextDecoder();
  return { since, until, full, exact, table: decoder.decode(table.data), script: decoder.decode(script.data) };
}
