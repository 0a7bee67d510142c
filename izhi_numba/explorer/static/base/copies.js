// What a person takes along: a text in the clipboard, a file.

import { h } from "./dom.js";

export async function copyText(content) {
  try {
    await navigator.clipboard.writeText(content);
  } catch { // not a secure page, or not allowed
    const area = h("textarea", { "aria-label": "text to copy", readonly: true });
    area.value = content;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}

export function download(blob, name) {
  const address = URL.createObjectURL(blob);
  const anchor = h("a", { href: address, download: name });
  document.body.append(anchor);
  anchor.click();
  anchor.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
