// Files that a person saves: a picture, a table.

import { download } from "../base/copies.js";
import { wholePicture } from "../plots/picture.js";

const fileName = ({ model, preset }, extension) => `${(preset ?? model).replace(/\W+/g, "_")}.${extension}`;

export function savePng({ trace, settings }, plots, palette) {
  if (!trace) return;
  const { model, preset } = settings;
  const canvas = wholePicture([preset, model].filter(Boolean).join(" · "), plots, palette);
  canvas.toBlob((blob) => download(blob, fileName(settings, "png")));
}

export async function saveCsv(store, texts) {
  const table = await texts.ask("csv");
  if (table !== null) download(new Blob([table], { type: "text/csv" }), fileName(store.state.settings, "csv"));
}
