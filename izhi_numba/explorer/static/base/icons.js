// Small pictures of one line, for buttons.

const SVG = "http://www.w3.org/2000/svg";

const ICONS = {
  play: "M5 3.2v9.6l8-4.8z",
  pause: "M4.5 3.5h2.4v9H4.5zM9.1 3.5h2.4v9H9.1z",
  freeze: "M8 1.5v13M2.4 4.75l11.2 6.5M13.6 4.75L2.4 11.25",
  kick: "M9 1.5L3.5 9H7.6L6.6 14.5 12.5 6.7H8.4z",
  noise: "M1.5 8.5l2-4 2 7 2.2-9 2.1 11 2-7 1.2 2.5h1.5",
  reset: "M3.2 6.2A5.2 5.2 0 1 1 2.8 9M3 2.5v3.9h3.9",
  link: "M6.7 9.3a2.7 2.7 0 0 0 3.9.1l2.3-2.3a2.7 2.7 0 0 0-3.8-3.8L8 4.4M9.3 6.7a2.7 2.7 0 0 0-3.9-.1L3.1 8.9a2.7 2.7 0 0 0 3.8 3.8L8 11.6",
  copy: "M5.5 5.5h8v8h-8zM3.5 10.5h-1v-8h8v1",
  save: "M8 2v8M4.6 6.9L8 10.3l3.4-3.4M2.5 13.5h11",
  dark: "M13.2 9.6A5.6 5.6 0 0 1 6.4 2.8 5.6 5.6 0 1 0 13.2 9.6z",
  light: "M8 5.2a2.8 2.8 0 1 1 0 5.6 2.8 2.8 0 0 1 0-5.6zM8 1.2v1.6M8 13.2v1.6M1.2 8h1.6M13.2 8h1.6M3.2 3.2l1.1 1.1M11.7 11.7l1.1 1.1M3.2 12.8l1.1-1.1M11.7 4.3l1.1-1.1",
  help: "M5.6 5.9A2.4 2.4 0 1 1 8 8.4v1.2M8 12v.6",
  close: "M4 4l8 8M12 4l-8 8",
  step: "M4 3.2v9.6l6-4.8zM11.5 3.2v9.6",
  record: "M8 3.6a4.4 4.4 0 1 1 0 8.8 4.4 4.4 0 0 1 0-8.8z",
  gallery: "M2.5 2.5h4.6v4.6H2.5zM8.9 2.5h4.6v4.6H8.9zM2.5 8.9h4.6v4.6H2.5zM8.9 8.9h4.6v4.6H8.9z",
  mute: "M2.5 6v4h2.6l3.4 3V3L5.1 6zM11 6l3.2 4M14.2 6L11 10",
  reward: "M8 2.2l1.7 3.7 4 .4-3 2.7.9 4L8 10.9 4.4 13l.9-4-3-2.7 4-.4z",
  tour: "M8 1.8l1.9 4 4.3.6-3.1 3 .8 4.3L8 11.6l-3.9 2.1.8-4.3-3.1-3 4.3-.6z",
};

const SOLID = new Set(["play", "pause"]);

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  svg.classList.add("icon", ...(SOLID.has(name) ? ["solid"] : []));
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

export function setIcon(element, name) {
  element.querySelector(".icon").replaceWith(icon(name));
}
