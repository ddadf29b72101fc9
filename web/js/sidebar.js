// The list of kept conversations, and the panel it lives in on small screens.
import * as api from "./api.js";
import { ask } from "./confirm.js";
import { byId, el } from "./dom.js";

let handlers = {};
let openId = null;
let known = [];

/** Set up; `handlers` has `onNew()`, `onDeleted(id)`, `onErased()` and `onProblem(error)`. */
export function setUp(given) {
  handlers = given;
  byId("menu").addEventListener("click", () => toggle(!isShown()));
  byId("scrim").addEventListener("click", () => toggle(false));
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !document.querySelector("dialog[open]")) toggle(false);
  });
  matchMedia("(min-width: 62rem)").addEventListener("change", () => toggle(false));
  byId("new").addEventListener("click", () => {
    toggle(false);
    handlers.onNew();
  });
  byId("erase").addEventListener("click", erase);
  byId("kept").addEventListener("click", (event) => {
    if (event.target.closest("a")) toggle(false);
  });
}

const isShown = () => document.body.classList.contains("side-open");

function toggle(open) {
  if (open === isShown()) return;
  byId("menu").setAttribute("aria-expanded", String(open));
  document.body.classList.toggle("side-open", open);
  byId("scrim").hidden = !open;
  byId("main").inert = open;
  (open ? byId("new") : byId("menu")).focus();
}

/** Read the list again; a failure leaves the old list. Gives the titles by id. */
export async function refresh() {
  try {
    known = (await api.conversations()).filter((c) => c.keep !== false);
  } catch {
    return known;
  }
  draw();
  return known;
}

/** Mark the open conversation. */
export function mark(id) {
  openId = id;
  draw();
}

export const titleOf = (id) => known.find((c) => c.id === id)?.title;

function draw() {
  byId("kept").replaceChildren(...known.map(item));
  byId("kept-none").hidden = known.length > 0;
  byId("export-all").hidden = known.length === 0;
}

function item(conversation) {
  const title = conversation.title || "Untitled";
  const open = el(
    "a",
    {
      href: `#c=${encodeURIComponent(conversation.id)}`,
      "aria-current": conversation.id === openId ? "page" : null,
    },
    el("span", { class: "kept-title", dir: "auto", text: title }),
    el("span", { class: "kept-when", text: when(conversation.updated) }),
  );
  const remove = el(
    "button",
    {
      class: "icon-button",
      type: "button",
      "aria-label": `Delete “${title}”`,
      title: "Delete",
      on: { click: () => removeOne(conversation.id, title) },
    },
    cross(),
  );
  return el("li", {}, open, remove);
}

function cross() {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", "M7 7l10 10M17 7L7 17");
  svg.append(path);
  return svg;
}

function when(iso) {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return "";
  const day = (d) => new Date(d).setHours(0, 0, 0, 0);
  const days = Math.round((day(Date.now()) - day(date)) / 86_400_000);
  if (days <= 0) return `Today, ${date.toLocaleTimeString([], { hour: "numeric", minute: "2-digit" })}`;
  if (days === 1) return "Yesterday";
  const year = date.getFullYear() === new Date().getFullYear() ? undefined : "numeric";
  return date.toLocaleDateString([], { month: "long", day: "numeric", year });
}

/** Delete one conversation after a plain question. */
export async function removeOne(id, title) {
  const sure = await ask({
    title: "Delete this conversation?",
    text: `“${title}” will be gone for good.`,
    yes: "Yes, delete it",
  });
  if (!sure) return;
  try {
    await api.remove(id);
  } catch (error) {
    // Gone already is as good as deleted.
    if (error.status !== 404) return handlers.onProblem(error);
  }
  await refresh();
  handlers.onDeleted(id);
}

async function erase() {
  const sure = await ask({
    title: "Erase everything?",
    text:
      "Every conversation of this browser and the choices you made here will be gone for good. " +
      "Nobody can bring them back.",
    yes: "Yes, erase it all",
  });
  if (!sure) return;
  try {
    await api.eraseAll();
  } catch (error) {
    return handlers.onProblem(error);
  }
  await refresh();
  toggle(false);
  handlers.onErased();
}
