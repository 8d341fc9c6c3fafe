// Which key does what. By the letter that a key writes, so that AZERTY and QWERTY agree; digits by their place.

const STORE = "mediaflow.keymap";
const TYPING = "input, textarea, select";

let keymap = {};
let original = {};

const own = () => {
  try { return JSON.parse(localStorage.getItem(STORE)) ?? {}; } catch { return {}; }
};

export const load = async () => {
  original = await (await fetch(new URL("../keymap.json", import.meta.url))).json();
  keymap = { ...original, ...own() };
};

export const all = () => keymap;
export const shown = (action) => (keymap[action] ?? [])[0]?.replace("Control", "Ctrl").replace(/^(Shift\+|Ctrl\+)*([a-z])$/, (key) => key.toUpperCase())
  .replace("ARROW", "Arrow").replace("ArrowLeft", "←").replace("ArrowRight", "→").replace("ArrowUp", "↑").replace("ArrowDown", "↓").replace("SHIFT+", "Shift+") ?? "";

export const change = (action, key) => {
  // A key does one thing: who had it before has none then.
  for (const [other, keys] of Object.entries(keymap)) { keymap[other] = keys.filter((one) => one !== key); }
  keymap[action] = [key];
  localStorage.setItem(STORE, JSON.stringify(keymap));
};

export const reset = () => {
  localStorage.removeItem(STORE);
  keymap = { ...original };
};

/** `Shift+n`, `Control+z`, `?`, `ArrowLeft`: Shift only where it does not make another sign already. */
export const named = (event) => {
  const letter = event.key.length === 1;
  const key = event.key === " " ? "Space" : letter ? event.key.toLowerCase() : event.key;
  const shift = event.shiftKey && (!letter || event.key.toLowerCase() !== event.key.toUpperCase());
  return `${event.ctrlKey || event.metaKey ? "Control+" : ""}${event.altKey ? "Alt+" : ""}${shift ? "Shift+" : ""}${key}`;
};

const actionOf = (name) => Object.keys(keymap).find((action) => keymap[action].includes(name));

/** Calls `act(action, event)`; digits as `act("person", event, number)`; letting go of a key as `released(action)`. */
export const listen = (act, released) => {
  const blocked = (event) => {
    if (event.target.closest?.(TYPING) || document.querySelector("dialog[open]")) { return true; }
    // Who walks through the page with Tab presses buttons with these keys.
    return ["Enter", " "].includes(event.key) && event.target.matches?.("button:focus-visible, a:focus-visible");
  };
  document.addEventListener("keydown", (event) => {
    if (blocked(event)) { return; }
    const digit = /^(?:Digit|Numpad)([0-9])$/.exec(event.code)?.[1];
    if (digit && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      if (digit === "0") { act("nobody", event); } else { act("person", event, Number(digit)); }
      return;
    }
    const name = named(event);
    const action = actionOf(name) ?? (name.startsWith("Shift+") ? actionOf(name.slice(6)) : undefined);
    if (!action) { return; }
    event.preventDefault();
    act(action, event);
  });
  document.addEventListener("keyup", (event) => {
    const action = actionOf(named(event)) ?? actionOf(event.key.toLowerCase());
    if (action) { released(action); }
  });
};
