// The guided tour: one thing to do after another, and a word when it is done. What was so before is not done yet.

import { button } from "../base/controls.js";
import { h } from "../base/dom.js";
import { icon } from "../base/icons.js";

const ALREADY = "It is so already: change it back first, then do it.";

/** `steps` are from the server, which also says when one is done; `say` shows a word that goes by. */
export function tourView({ steps, neuron, say }) {
  let index = null;
  let done = false;
  let open = false; // whether it has been seen undone
  const count = h("span", { class: "muted" });
  const title = h("h2", {});
  const text = h("p", {});
  const hint = h("details", {}, h("summary", {}, "hint"), h("p", {}));
  const next = button({ text: "skip", onclick: () => go(index + 1) });
  const verdict = h("span", { class: "verdict", role: "status" });
  const element = h("aside", { class: "tour", "aria-label": "guided tour", hidden: true },
    h("header", {}, icon("tour"), title, count, button({ icon: "close", label: "end the tour", class: "quiet", onclick: () => end() })),
    text, h("footer", {}, hint, verdict, next));

  function go(to) {
    if (to >= steps.length) return end("That was the tour: the rest is yours.");
    const step = steps[to];
    index = to;
    title.textContent = step.title;
    count.textContent = `${to + 1} of ${steps.length}`;
    text.textContent = step.text;
    hint.open = false;
    hint.hidden = !step.hint;
    hint.lastChild.textContent = step.hint ?? "";
    open = false;
    show(false);
    neuron.set("tour", to);
  }

  function end(words) {
    index = null;
    element.hidden = true;
    neuron.set("tour", null);
    if (words) say(words);
  }

  function show(isDone) {
    done = isDone;
    const last = index === steps.length - 1;
    element.hidden = false;
    element.classList.toggle("done", done);
    verdict.textContent = done ? "Done" : "";
    next.lastChild.textContent = done ? (last ? "finish" : "next") : "skip";
    next.setAttribute("aria-label", done ? (last ? "finish the tour" : "Done — next") : "skip this step");
    next.classList.toggle("primary", done);
  }

  return {
    element,
    toggle() {
      if (index === null) go(0);
      else end();
    },
    /** Show a step that a link has brought. */
    restore(to) {
      if (Number.isInteger(to) && steps[to]) go(to);
    },
    update({ trace }, changed) {
      if (!changed.has("trace") || index === null || trace.tour !== index || done) return;
      if (trace.tour_done && open) return show(true);
      open ||= !trace.tour_done;
      verdict.textContent = trace.tour_hindrance || (open ? "" : ALREADY);
    },
  };
}
