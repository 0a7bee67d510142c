// Keys of the page.

/** Do what a key stands for, unless somebody types; `actions` by key, `preset(index)` for the digits says whether there is one. */
export function followKey(event, actions, preset) {
  const { target, key } = event;
  const typing = target.closest?.("textarea, select, [contenteditable], input:not([type=range])");
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (key === " " && target.closest?.("button, summary, a")) return; // which space presses
  const action = /^[1-9]$/.test(key) ? preset(Number(key) - 1) : actions[key];
  if (!action) return;
  event.preventDefault();
  event.stopPropagation();
  action();
}
