// The page's address, which brings its state to somebody else.

import { copyText } from "../base/copies.js";
import { later } from "../base/delay.js";
import { DAMAGED, decodeLink, encodeLink } from "../data/links.js";
import { settingsOfLink } from "../data/settings.js";

const WRITE_AFTER = 200; // ms without a change

/** Writes the state into the address of a page of its own, and reads it from there; a notebook has no address. */
export function addressView({ store, neuron, network, onPage, say }) {
  const link = () => encodeLink({ settings: store.state.settings, page: store.state.page, network: network.shared });
  const writeLater = later(write, WRITE_AFTER);
  let known = location.hash; // what was read or written last

  function write() {
    if (!onPage || !store.state.settings) return;
    if (location.hash !== known) return; // a link has just come, and will be read
    known = `#${link()}`;
    if (known !== location.hash) history.replaceState(null, "", known);
  }

  /** Settings of the link, which also opens its network; null where there is none, or none that can be read. */
  function read() {
    if (!onPage) return null;
    try {
      const state = decodeLink(location.hash);
      if (!state) return null;
      const settings = settingsOfLink(state.settings, store.state.catalogue);
      if (["neuron", "network"].includes(state.page)) store.change({ page: state.page });
      network.restore(state.network);
      return settings;
    } catch (error) {
      const ours = error.constructor === Error; // others are the browser's, whose words help nobody
      store.change({ banner: { text: ours ? error.message : DAMAGED, about: "link" } });
      return null;
    }
  }

  return {
    read,
    /** The address has changed: true if it brought other settings. */
    changed() {
      known = location.hash;
      if (!store.state.settings || known === `#${link()}`) return false;
      const settings = read();
      if (settings) neuron.begin(settings);
      return settings !== null;
    },
    async copy() {
      write();
      await copyText(location.href);
      say("The link is copied.");
    },
    update(state, changed) {
      if (changed.has("settings") || changed.has("network") || changed.has("page")) writeLater();
    },
    stop() {
      writeLater.cancel();
    },
  };
}
