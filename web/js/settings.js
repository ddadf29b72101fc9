// The first-visit note and the "About and settings" dialog: the same facts and choices.
import { byId, el, onTouch } from "./dom.js";
import { forget, onPreference, prefer, preferences } from "./preferences.js";

let facts = { where: "", model: undefined, country: null, countries: [], version: "" };

/** The country whose help lines to show: the person's choice, else the server's, else none. */
export const country = () => preferences().country ?? facts.country ?? "";

/** Set up the note and the dialog with what `/api/about` says (or nothing, if it failed). */
export function setUp(about) {
  if (about) facts = about;
  byId("open-settings").addEventListener("click", openSettings);
  byId("settings-close").addEventListener("click", () => byId("settings").close());
  byId("settings").addEventListener("click", (event) => {
    if (event.target === event.currentTarget) event.currentTarget.close();
  });
  onPreference(pointHelpLink);
  pointHelpLink();
  if (!preferences().seen) showNote();
}

/** Forget every choice and greet as on a first visit. */
export function startOver() {
  forget();
  showNote();
}

function pointHelpLink() {
  const code = country();
  byId("help-link").href = code ? `/help?country=${encodeURIComponent(code)}` : "/help";
}

function showNote() {
  const note = byId("note");
  const ok = el("button", { class: "button", type: "button", text: "OK, got it" });
  ok.addEventListener("click", () => {
    prefer({ seen: true });
    note.hidden = true;
    if (!onTouch()) byId("message").focus();
  });
  note.replaceChildren(
    el("h2", { text: "Before you start" }),
    ...truths(),
    choices("note"),
    el("div", { class: "note-actions" }, ok),
  );
  note.hidden = false;
}

/** Put the note away once a conversation has begun: it has been on screen. */
export function noteWasSeen() {
  if (byId("note").hidden) return;
  prefer({ seen: true });
  byId("note").hidden = true;
}

function openSettings() {
  const body = byId("settings-body");
  const how = facts.model
    ? `Replies come from ${facts.model}. Each one is checked before you see it.`
    : "Replies are put together from prepared lines; no language model is used.";
  body.replaceChildren(
    ...truths(),
    el("p", { text: facts.model === undefined ? "" : how }),
    choices("settings"),
    el("p", { class: "quiet", text: facts.version ? `Softspoken ${facts.version}` : "" }),
  );
  byId("settings").showModal();
}

function truths() {
  return [
    el("p", {
      text:
        "Softspoken is an AI, not a person and not a therapist. It can be wrong. " +
        "It is meant for adults, 18 and over.",
    }),
    facts.where ? el("p", { class: "where", text: facts.where }) : "",
  ].filter(Boolean);
}

function choices(place) {
  const keep = el("input", { type: "checkbox", id: `${place}-keep` });
  keep.checked = preferences().keep;
  keep.addEventListener("change", () => prefer({ keep: keep.checked }));
  const select = el(
    "select",
    { id: `${place}-country` },
    el("option", { value: "", text: "Not chosen" }),
    ...facts.countries.map((c) => el("option", { value: c.code, text: c.name })),
  );
  select.value = country();
  select.addEventListener("change", () => prefer({ country: select.value }));
  return el(
    "div",
    { class: "choices" },
    el(
      "label",
      { class: "check" },
      keep,
      el("span", { text: "Keep my conversations here, so I can come back to them" }),
    ),
    el("label", { class: "field" }, el("span", { text: "Country, for help lines" }), select),
  );
}
