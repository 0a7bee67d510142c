// What stands around the page: messages above it, and below it what goes by.

import { button } from "../base/controls.js";
import { later } from "../base/delay.js";
import { h } from "../base/dom.js";

const TOAST = 2500; // ms that a word stays

/** The element that everything is in; `body` is where the page goes. */
export function shellView(store, onPage) {
  const banner = h("div", { class: "banner", role: "alert", hidden: true });
  const offline = h("div", { class: "banner offline", role: "alert", hidden: true }, "Disconnected: trying again every second.");
  const status = h("div", { class: "status", role: "status" }, store.state.status);
  const toaster = h("div", { class: "toast", role: "status" });
  const body = h("div", { class: "body" });
  const element = h("div", { class: `izhi-explorer${onPage ? " own-page" : ""}`, tabindex: -1, "data-lm-suppress-shortcuts": "true" },
    offline, banner, body, status, toaster);
  element.dataset.connected = "false";
  const clearToast = later(() => (toaster.textContent = ""), TOAST);
  const closeButton = button({ icon: "close", label: "close this message", class: "quiet", onclick: () => store.change({ banner: null }) });

  function showBanner(message) {
    banner.hidden = message === null;
    banner.replaceChildren(...(message ? [h("span", {}, message.text), closeButton] : []));
  }

  return {
    element, body,
    update(state, changed) {
      if (changed.has("connected")) offline.hidden = state.connected;
      if (changed.has("status")) status.textContent = state.status;
      if (changed.has("banner")) showBanner(state.banner);
      if (changed.has("toast")) {
        toaster.textContent = state.toast;
        clearToast();
      }
    },
    stop() {
      clearToast.cancel();
    },
  };
}
