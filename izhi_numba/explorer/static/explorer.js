// The explorer: a neuron that follows the hand, and networks, live.
//
// A module in anywidget's format. It draws and asks; all that is computed, and all that is known of models, comes
// from Python. A page loads this module and those that it imports; a notebook takes one file, into which bundle.py
// joins them. Imports run one way, from the last of these folders to the first:
//
//   base   elements, buttons, sliders, numbers: nothing of neurons
//   data   settings, messages, and the store, which has all that a page shows; no page is needed for it
//   plots  from data to pixels
//   views  parts of the page, each {element, update(state, changed), stop()}: changed has the names of what is new in
//          the store's state, and stop is missing where there is nothing to undo

import { Explorer } from "./views/explorer.js";

export default {
  render({ model, el }) {
    const explorer = new Explorer(model, el);
    return () => explorer.stop();
  },
};
