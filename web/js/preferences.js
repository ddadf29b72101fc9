// What this browser remembers about the page itself: three small choices, never a message.

const KEY = "softspoken";
const DEFAULTS = { seen: false, keep: true, country: null };

function read() {
  try {
    return { ...DEFAULTS, ...JSON.parse(localStorage.getItem(KEY) || "{}") };
  } catch {
    return { ...DEFAULTS };
  }
}

let current = read();
const listeners = new Set();

export const preferences = () => current;

/** Change some choices; listeners hear of it even where the browser stores nothing. */
export function prefer(changes) {
  current = { ...current, ...changes };
  try {
    localStorage.setItem(KEY, JSON.stringify(current));
  } catch {
    // Storage may be off: the choice then holds for this visit.
  }
  for (const listener of listeners) listener(current);
}

export function onPreference(listener) {
  listeners.add(listener);
}

/** Forget every choice. */
export function forget() {
  current = { ...DEFAULTS };
  try {
    localStorage.removeItem(KEY);
  } catch {
    // Nothing was stored.
  }
  for (const listener of listeners) listener(current);
}
