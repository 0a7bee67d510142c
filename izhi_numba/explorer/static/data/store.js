// What a page shows, in one place, and who is told when it changes.

/** The state of a page at its beginning. What is in it is replaced, never changed in place. */
const newState = () => ({
  status: "connecting …", // what the server is busy with
  connected: false,
  banner: null, // {text, about}
  toast: "",
  theme: null,
  catalogue: null, // models, presets and currents, from the server
  settings: null, // of the neuron
  taken: 0, // how often settings have come as a whole, from a preset or a link: fields are written anew then
  asked: 0, // number that the answer to the newest settings will have
  trace: null,
  frozen: null, // a trace that stays, in grey
  plane: null,
  fixed: null, // fixed points, and where the phase plane has them
  curve: null,
  intervals: { counts: [], edges: [0, 1] },
  time: null, // of the dot, ms
  hover: null, // time at the pointer, ms
  playing: false,
  page: "neuron", // or "network"
  network: null,
  frame: null, // the newest of the network
  weights: null, // the newest histogram
  clip: null, // what was recorded last
  pace: null, // numbers of the network, as often as they can be read
});

/** The state of a page. Those who follow it are told the names of what has changed. */
export class Store {
  #followers = new Set();

  constructor(state = newState()) {
    this.state = state;
  }

  /** Call `update(state, changed)` after each change, in the order in which followers came. */
  follow(update) {
    this.#followers.add(update);
  }

  /** Change something, and tell. */
  change(news) {
    Object.assign(this.state, news);
    const changed = new Set(Object.keys(news));
    for (const update of this.#followers) update(this.state, changed);
  }

  /** Change something without telling: what is drawn stays as it is until there is news. */
  keep(news) {
    Object.assign(this.state, news);
  }
}
