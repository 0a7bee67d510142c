// One number to set: a name, a field and a slider.

import { h } from "./dom.js";
import { onlyNumbers } from "./number_fields.js";
import { clamp, finite, named, numberText, signed } from "./numbers.js";
import { travelOf } from "./travel.js";

const ARROWS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 };

/**
 * A name, a number field and a slider for one number.
 *
 * `onchange(value, event)` is called at each move and each key, with finite numbers only.
 */
export function sliderRow(control, value, onchange) {
  const { label, unit, integer } = control;
  let travel = travelOf(control);
  let base = control.default; // a small mark on the slider, and where a double click leads
  const name = named(label, unit);
  const range = h("input", { type: "range", min: travel.min, max: travel.max, step: "any", "aria-label": name });
  const field = onlyNumbers(h("input", { type: "number", step: integer ? 1 : "any", inputmode: "decimal", "aria-label": name }));
  const element = h("div", { class: "row" }, h("span", { class: "name" }, label, unit && h("span", { class: "unit" }, signed(unit))), field, range);

  const place = (number) => clamp((travel.numberOf(number) - travel.min) / (travel.max - travel.min || 1), 0, 1);
  const showRange = (number) => {
    range.value = String(finite(number) ? travel.numberOf(number) : travel.min);
    range.style.setProperty("--fill", (finite(number) ? place(number) : 0).toFixed(4));
    range.setAttribute("aria-valuetext", `${numberText(number)}${unit ? ` ${unit}` : ""}`);
  };
  const showBase = () => range.style.setProperty("--base", finite(base) ? place(base).toFixed(4) : "-1");
  const set = (number) => {
    value = number;
    if (element.ownerDocument.activeElement !== field || field.value === "" || Number(field.value) !== number) field.value = finite(number) ? numberText(number, 6) : "";
    field.removeAttribute("aria-invalid");
    showRange(number);
  };
  const move = (number, event) => {
    set(number);
    onchange(number, event);
  };
  range.addEventListener("input", (event) => {
    const next = travel.valueOf(Number(range.value));
    if (next !== value) move(next, event);
    else showRange(value);
  });
  range.addEventListener("keydown", (event) => {
    const sign = ARROWS[event.key];
    if (!sign || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    const next = travel.next(finite(value) ? value : travel.valueOf(Number(range.value)), sign, event.shiftKey);
    if (next !== value) move(next, event);
  });
  range.addEventListener("dblclick", (event) => finite(base) && move(base, event));
  field.addEventListener("input", (event) => {
    const number = field.value.trim() === "" ? NaN : Number(field.value);
    if (!finite(number)) return field.setAttribute("aria-invalid", "true");
    field.removeAttribute("aria-invalid");
    value = number;
    showRange(number);
    onchange(number, event);
  });
  field.addEventListener("change", () => set(value));
  set(value);
  showBase();
  return {
    element, set,
    setBase(number) {
      base = number;
      showBase();
    },
    setHigh(high) {
      travel = travelOf({ ...control, high });
      range.max = travel.max;
      showRange(value);
      showBase();
    },
  };
}
