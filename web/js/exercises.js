// Exercises: cards on the start page, a select within a conversation, starters and inputs.
import * as composer from "./composer.js";
import { byId, el } from "./dom.js";

// An opening with more characters than this is set in smaller type.
const LONG = 70;

let all = [];
let chosen = null;
const values = new Map();

/** Set up with the list from the server. */
export function setUp(list) {
  all = list;
  byId("picker").hidden = all.length < 2;
  byId("cards").replaceChildren(...all.map(card));
  const select = byId("exercise");
  select.replaceChildren(...all.map((e) => el("option", { value: e.name, text: e.title })));
  select.addEventListener("change", () => {
    choose(select.value);
    offerSwitch();
  });
  choose(null);
}

export const current = () => chosen?.name;

/** Choose an exercise by name; an unknown name or null gives the default. */
export function choose(name) {
  chosen =
    all.find((e) => e.name === name) ?? all.find((e) => e.default) ?? all[0] ?? null;
  if (!chosen) return;
  for (const radio of byId("cards").querySelectorAll("input")) {
    radio.checked = radio.value === chosen.name;
  }
  byId("exercise").value = chosen.name;
  byId("greeting").textContent = chosen.opening;
  byId("greeting").classList.toggle("long", chosen.opening.length > LONG);
  byId("chips").replaceChildren(...chips(chosen.starters));
  byId("switch").hidden = true;
  showInputs();
}

/** Within a conversation, show what the newly chosen exercise asks first. */
function offerSwitch() {
  byId("switch-text").textContent = chosen.opening;
  byId("switch-chips").replaceChildren(...chips(chosen.starters));
  byId("switch").hidden = false;
  composer.focus();
}

/** The switch has been made with the message just sent. */
export function settle() {
  byId("switch").hidden = true;
  byId("inputs").hidden = true;
}

function chips(starters) {
  return (starters ?? []).map((text) =>
    el("button", {
      class: "chip",
      type: "button",
      text,
      dir: "auto",
      on: { click: () => composer.fill(text, starters) },
    }),
  );
}

function card(exercise) {
  const radio = el("input", { type: "radio", name: "exercise", value: exercise.name, class: "sr" });
  radio.addEventListener("change", () => choose(exercise.name));
  const minutes = exercise.minutes ? `${exercise.minutes} min` : "";
  return el(
    "label",
    { class: "card" },
    radio,
    el(
      "span",
      { class: "card-top" },
      el("span", { class: "card-title", text: exercise.title }),
      minutes ? el("span", { class: "card-minutes", text: minutes }) : "",
    ),
    el("span", { class: "card-text", text: exercise.description }),
  );
}

function showInputs() {
  const entries = Object.entries(chosen.inputs ?? {});
  const place = byId("inputs");
  place.hidden = !entries.length;
  place.replaceChildren(...entries.map(([name, input]) => field(name, input)));
}

function field(name, input) {
  const key = `${chosen.name}/${name}`;
  const control = input.choices
    ? el("select", {}, ...input.choices.map((c) => el("option", { value: c, text: c })))
    : el("input", { type: "text", autocomplete: "off", dir: "auto" });
  const start = values.get(key) ?? input.default ?? input.choices?.[0] ?? "";
  control.value = start;
  control.required = input.required;
  control.dataset.input = name;
  control.addEventListener("input", () => values.set(key, control.value));
  return el("label", { class: "field" }, el("span", { text: input.title || name }), control);
}

/** The values of the exercise's inputs, or the field that still needs one. */
export function inputs() {
  const given = {};
  for (const [name, input] of Object.entries(chosen?.inputs ?? {})) {
    const control = byId("inputs").querySelector(`[data-input="${CSS.escape(name)}"]`);
    const value = control?.value.trim() ?? "";
    if (!value && input.required) return { missing: control, title: input.title || name };
    if (value) given[name] = value;
  }
  return { given: Object.keys(given).length ? given : undefined };
}
