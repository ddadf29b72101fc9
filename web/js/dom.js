// Small helpers for building the page from nodes and text only.

/** Find an element of the page by its id. */
export const byId = (id) => document.getElementById(id);

/**
 * Make an element. `options.on` maps events to listeners, `options.class` and `options.text` set
 * the class and the text, every other key becomes an attribute (`true` an empty one; `null`,
 * `undefined` and `false` none). Children are nodes or strings; empty ones are left out.
 */
export function el(tag, options = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(options)) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "on") {
      for (const [type, listener] of Object.entries(value)) node.addEventListener(type, listener);
    } else if (key === "class") node.className = value;
    else if (key === "text") node.textContent = value;
    else node.setAttribute(key, value === true ? "" : String(value));
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

/** Tell screen readers something once, politely. */
export function announce(text) {
  const region = byId("announce");
  region.textContent = "";
  requestAnimationFrame(() => {
    region.textContent = text;
  });
}

/** Whether the person most likely types on a touch keyboard. */
export const onTouch = () => matchMedia("(hover: none) and (pointer: coarse)").matches;
