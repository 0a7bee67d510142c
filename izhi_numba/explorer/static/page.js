// The explorer's own page as a host: a model with anywidget's send() and on(), over a WebSocket.

import explorer from "./explorer.js";

const RETRY = 1000; // ms
const align = (n) => Math.ceil(n / 8) * 8;

/** Split a binary message: length of the header, header in JSON, then buffers, each from a multiple of 8 on. */
function unpack(data) {
  const length = new DataView(data).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 4, length)));
  let at = align(4 + length);
  const buffers = (header.lengths ?? []).map((size) => {
    const buffer = new DataView(data, at, size);
    at = align(at + size);
    return buffer;
  });
  return { header, buffers };
}

/** Events by name. */
class Events {
  #callbacks = new Map();

  on(name, callback) {
    if (!this.#callbacks.has(name)) this.#callbacks.set(name, new Set());
    this.#callbacks.get(name).add(callback);
  }

  off(name, callback) {
    this.#callbacks.get(name)?.delete(callback);
  }

  emit(name, ...values) {
    for (const callback of [...(this.#callbacks.get(name) ?? [])]) callback(...values);
  }
}

/** What a view needs of a model, and whether somebody listens at the other end. */
class SocketModel extends Events {
  host = "page";
  connected = false;
  #socket = null;

  connect() {
    const address = new URL("socket", location.href);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    address.hash = "";
    const socket = new WebSocket(address);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => this.#change(true);
    socket.onmessage = ({ data }) => {
      const { header, buffers } = typeof data === "string" ? { header: JSON.parse(data), buffers: [] } : unpack(data);
      this.emit("msg:custom", header, buffers);
    };
    socket.onclose = () => {
      this.#change(false);
      setTimeout(() => this.connect(), RETRY);
    };
    this.#socket = socket;
  }

  send(message) {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #change(connected) {
    this.connected = connected;
    this.emit(connected ? "connected" : "disconnected");
  }
}

document.body.style.margin = "0";
const model = new SocketModel();
explorer.render({ model, el: document.querySelector("#app") });
model.connect();
