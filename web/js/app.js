// Starts the page: reads what it needs, then connects the parts.
import * as api from "./api.js";
import * as chat from "./chat.js";
import * as composer from "./composer.js";
import { byId, onTouch } from "./dom.js";
import * as exercises from "./exercises.js";
import "./leave.js";
import { onPreference, preferences } from "./preferences.js";
import * as settings from "./settings.js";
import * as sidebar from "./sidebar.js";
import * as transcript from "./transcript.js";

const idInHash = () => {
  const found = /^#c=(.+)$/.exec(location.hash);
  return found ? decodeURIComponent(found[1]) : null;
};

async function openFromHash() {
  const id = idInHash();
  if (id && !chat.isOpen(id)) await chat.openKept(id);
}

async function start() {
  composer.setUp({ onSend: chat.send, onStop: chat.stop });
  transcript.setUp();
  sidebar.setUp({
    onNew: () => chat.startNew(),
    onDeleted: (id) => chat.isOpen(id) && chat.startNew(),
    onErased: () => {
      settings.startOver();
      chat.startNew({ notice: "Everything is erased.", focus: false });
    },
    onProblem: (error) => chat.tell(error.message),
  });
  byId("delete-this").addEventListener("click", chat.deleteOpen);
  byId("skip").addEventListener("click", (event) => {
    event.preventDefault();
    composer.focus();
  });
  byId("private").checked = !preferences().keep;
  onPreference(({ keep }) => (byId("private").checked = !keep));
  addEventListener("hashchange", openFromHash);

  const [about, list] = await Promise.allSettled([api.about(), api.exercises(), sidebar.refresh()]);
  settings.setUp(about.value);
  if (list.value) exercises.setUp(list.value);
  else chat.tell(list.reason.message, () => location.reload());
  composer.limitTo(about.value?.max_chars);
  await openFromHash();
  if (preferences().seen && !onTouch() && document.activeElement === document.body) composer.focus();
  document.body.dataset.ready = "true";
}

start();
