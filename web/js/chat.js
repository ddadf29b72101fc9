// The conversation on screen: opening, sending, the events of a reply, stopping, failing well.
import * as api from "./api.js";
import * as composer from "./composer.js";
import { announce, byId, el, onTouch } from "./dom.js";
import * as exercises from "./exercises.js";
import { preferences } from "./preferences.js";
import * as settings from "./settings.js";
import * as sidebar from "./sidebar.js";
import * as transcript from "./transcript.js";

const BLANK = { id: null, keep: true, turns: 0 };
let open = { ...BLANK };
let running = null;

// --- what is on screen -------------------------------------------------------------------

/** Show the start page; what stands in the message box stays there. */
export function startNew({ notice = "", focus = true } = {}) {
  running?.abort();
  running = null;
  open = { ...BLANK };
  history.replaceState(null, "", location.pathname);
  transcript.clear();
  byId("private").checked = !preferences().keep;
  exercises.choose(null);
  setView("start");
  finishWriting();
  tell(notice);
  if (focus && !onTouch()) composer.focus();
}

/** Open a kept conversation. */
export async function openKept(id) {
  running?.abort();
  running = null;
  let stored;
  try {
    stored = await api.conversation(id);
  } catch (error) {
    if (error.status === 404) startNew({ notice: "That conversation isn’t here any more." });
    else tell(error.message, () => openKept(id));
    return;
  }
  open = { id, keep: stored.keep, turns: stored.turns.length };
  exercises.choose(stored.exercise);
  exercises.settle();
  transcript.show(stored.turns);
  setView("chat");
  finishWriting();
  setHead(stored.title, stored.turns.findLast((turn) => turn.role === "assistant")?.step);
  tell("");
  transcript.toEnd();
  if (!onTouch()) composer.focus();
}

function setView(view) {
  const chatting = view === "chat";
  document.body.dataset.view = view;
  byId("start").hidden = chatting;
  byId("log").hidden = !chatting;
  byId("head").hidden = !chatting;
  byId("switcher").hidden = !chatting || byId("exercise").options.length < 2;
  byId("private-box").hidden = chatting;
  byId("not-kept").hidden = !chatting || open.keep;
  byId("hint").hidden = chatting && !open.keep;
  if (!chatting) byId("scroller").scrollTop = 0;
  sidebar.mark(open.id);
}

function setHead(title, step) {
  byId("head-title").textContent = title || "This conversation";
  byId("more").hidden = !open.id;
  byId("more").open = false;
  if (open.id) {
    byId("save-markdown").href = api.exportLink(open.id, "markdown");
    byId("save-json").href = api.exportLink(open.id, "json");
  }
  const line = byId("step");
  line.hidden = !step;
  line.textContent = step ? `Step ${step.index} of ${step.total} · ${step.title}` : "";
}

/** Show a plain notice over the message box, with "Try again" if that can help; "" clears it. */
export function tell(text, again) {
  const notice = byId("notice");
  if (!text) return notice.replaceChildren();
  notice.replaceChildren(
    el("p", { text }),
    again
      ? el("button", { class: "button plain", type: "button", text: "Try again", on: { click: again } })
      : "",
  );
}

/** Delete the conversation on screen, after asking. */
export function deleteOpen() {
  byId("more").open = false;
  if (open.id) sidebar.removeOne(open.id, byId("head-title").textContent);
}

export const isOpen = (id) => open.id === id;

// --- one turn ----------------------------------------------------------------------------

/** Stop the reply that is being written. */
export const stop = () => running?.abort();

/** Send a message; whatever fails, its text is in the message box again. */
export async function send(text) {
  if (running) return;
  const values = exercises.inputs();
  if (values.missing) {
    tell(`“${values.title}” is still empty.`);
    byId("inputs").hidden = false;
    values.missing.focus();
    return;
  }
  const over = composer.length(text) - composer.maxChars();
  if (over > 0) {
    tell(`That’s ${over} characters too long for one message. You can send it in two parts.`);
    return;
  }
  const abort = (running = new AbortController());
  const first = !open.id;
  if (first) open.keep = !byId("private").checked;
  tell("");
  composer.clear();
  const mine = transcript.addUser(text);
  const reply = transcript.addReply();
  setView("chat");
  if (first) setHead("", null);
  startWriting();
  try {
    await exchange({ text, inputs: values.given, reply, signal: abort.signal });
  } catch (error) {
    if (running !== abort) return;
    await failed(error, { text, mine, reply });
  }
  if (running !== abort) return;
  running = null;
  finishWriting();
}

async function exchange({ text, inputs, reply, signal }) {
  const exercise = exercises.current();
  if (!open.id) {
    const created = await api.create({ exercise, keep: open.keep }, signal);
    open = { id: created.id, keep: created.keep, turns: 0 };
    if (open.keep) history.replaceState(null, "", `#c=${encodeURIComponent(created.id)}`);
  }
  const body = { text, exercise, inputs, country: settings.country() || undefined };
  for await (const event of api.say(open.id, body, signal)) {
    if (signal.aborted) break;
    if (event.name === "done") return finished(event.data.turn, reply);
    show(event, reply);
  }
  signal.throwIfAborted();
  throw new api.ApiError(0, "cut", "The connection broke off before the reply was finished.");
}

function show({ name, data }, reply) {
  if (name === "delta") reply.append(data.text);
  else if (name === "replace") reply.replace(data.text);
  else if (name === "principles") reply.setPrinciples(data.principles);
  else if (name === "resources") {
    reply.setResources(data);
    transcript.placeCard(reply);
  } else if (name === "error") {
    throw new api.ApiError(0, data.error?.code, data.error?.message || "The reply failed.");
  }
  if (reply.said) byId("writing").textContent = "";
}

function finished(turn, reply) {
  reply.finish(turn);
  transcript.placeCard(reply);
  open.turns += 2;
  exercises.settle();
  settings.noteWasSeen();
  const step = turn.step ? ` Step ${turn.step.index} of ${turn.step.total}: ${turn.step.title}.` : "";
  const help = reply.card ? " Help lines are shown after this reply." : "";
  announce(`Softspoken: ${turn.text}${step}${help}`);
  const id = open.id;
  setHead(sidebar.titleOf(id), turn.step);
  sidebar.refresh().then(() => {
    if (open.id === id && sidebar.titleOf(id)) byId("head-title").textContent = sidebar.titleOf(id);
    if (open.id === id) sidebar.mark(id);
  });
}

async function failed(error, { text, mine, reply }) {
  if (error.name === "AbortError") {
    open.turns += reply.said ? 2 : 1;
    reply.stop();
    announce("Stopped.");
    return;
  }
  if (error.code === "cut") {
    const turn = await storedReply(text);
    if (turn) return finished(turn, reply);
  }
  transcript.takeBack(mine, reply.node, reply.card);
  composer.giveBack(text);
  if (error.status === 404) {
    const notice = "That conversation isn’t here any more. Your message is below; sending it starts a new one.";
    const exercise = exercises.current();
    startNew({ notice });
    exercises.choose(exercise);
    return;
  }
  if (!byId("log").childElementCount) setView("start");
  tell(`${error.message} Your message is still here.`, () => send(composer.text()));
}

/** After a broken connection: the reply, if the server finished and kept it all the same. */
async function storedReply(text) {
  try {
    const { turns } = await api.conversation(open.id);
    const [asked, answer] = turns.slice(-2);
    const isNew = turns.length > open.turns + 1;
    return isNew && asked?.text.trim() === text.trim() && answer?.role === "assistant" ? answer : null;
  } catch {
    return null;
  }
}

function startWriting() {
  byId("writing").textContent = "Writing…";
  composer.setWriting(true);
  transcript.toEnd();
}

function finishWriting() {
  byId("writing").textContent = "";
  composer.setWriting(false);
}
