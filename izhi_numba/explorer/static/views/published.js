// What a page tells of itself in its root's data attributes: for its style sheet, for tests and benchmarks.

/** Publish what has been drawn. It is the last of the views, so that what it says is on the screen. */
export function publishedView(root) {
  const { dataset } = root;
  return {
    element: root,
    update(state, changed) {
      if (changed.has("connected")) dataset.connected = String(state.connected);
      if (changed.has("page")) dataset.page = state.page;
      if (changed.has("asked")) dataset.asked = state.asked;
      if (changed.has("time")) dataset.time = state.time ?? "";
      if (changed.has("fixed")) dataset.fixed = JSON.stringify(state.fixed);
      if (changed.has("plane")) dataset.planeSeq = state.plane.seq;
      if (changed.has("curve")) dataset.curveSeq = state.curve.seq;
      if (changed.has("frame") && state.frame) dataset.frame = state.frame.header.frame;
      if (!changed.has("trace")) return;
      const { seq, spikes, moved } = state.trace;
      Object.assign(dataset, { seq, spikes });
      if (moved !== null) dataset.latency = (performance.now() - moved).toFixed(1); // from the hand to here
    },
  };
}
