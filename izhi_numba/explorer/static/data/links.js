// A state as the fragment of an address, and back.

const LINK_VERSION = 1;
export const DAMAGED = "The link could not be read: it is damaged or cut off. Here is the explorer as it begins.";

export function encodeLink(state) {
  const bytes = new TextEncoder().encode(JSON.stringify({ version: LINK_VERSION, ...state }));
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** State in a fragment; null without one. Throws a readable Error where it is not one of ours. */
export function decodeLink(fragment) {
  const text = fragment.replace(/^#/, "");
  if (!text) return null;
  let state;
  try {
    const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    state = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(binary, (c) => c.charCodeAt(0))));
  } catch {
    throw new Error(DAMAGED);
  }
  if (state?.version !== LINK_VERSION) {
    throw new Error(`The link is of version ${state?.version}; this explorer reads version ${LINK_VERSION}.`);
  }
  if (typeof state.settings !== "object" || state.settings === null) throw new Error("The link has no settings.");
  return state;
}
