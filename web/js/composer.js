// The message box: grows, sends on Enter where that is right, and never loses what was typed.
import { byId, onTouch } from "./dom.js";

const box = byId("message");
const count = byId("count");
let limit = 8000;

/** Set up the box; `onSend(text)` is called with a message that is not empty. */
export function setUp({ onSend, onStop }) {
  box.addEventListener("input", grow);
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.altKey) return;
    // While a word is being composed, Enter belongs to the input method.
    if (event.isComposing || event.keyCode === 229) return;
    if (onTouch() && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    submit(onSend);
  });
  byId("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    submit(onSend);
  });
  byId("stop").addEventListener("click", onStop);
  addEventListener("resize", grow);
  grow();
}

/** Set how many characters a message may have. */
export function limitTo(characters) {
  if (characters) limit = characters;
}

/** How many characters a message may have. */
export const maxChars = () => limit;

/** The length as the server counts it, in code points. */
export const length = (text) => [...text].length;

function submit(onSend) {
  if (!box.value.trim()) box.focus();
  else onSend(box.value);
}

function grow() {
  box.style.height = "auto";
  box.style.height = `${box.scrollHeight + 2}px`;
  const used = box.value.length > limit * 0.8 ? length(box.value) : 0;
  count.hidden = used <= limit * 0.9;
  count.textContent = used > limit ? `${used - limit} characters too long` : `${limit - used} characters left`;
}

export const text = () => box.value;

export function clear() {
  box.value = "";
  grow();
}

export const focus = () => box.focus({ preventScroll: true });

/** Put a failed message back, before anything typed since. */
export function giveBack(message) {
  const since = box.value;
  box.value = since.trim() ? `${message}\n\n${since}` : message;
  grow();
}

/** Put a starter in the box; it replaces another starter, and follows the person's own words. */
export function fill(starter, starters) {
  const own = box.value.trim();
  box.value = !own || starters.includes(own) ? starter : `${box.value.trimEnd()}\n${starter}`;
  grow();
  box.focus();
  box.setSelectionRange(box.value.length, box.value.length);
}

/** Show Stop in place of Send while a reply is written. */
export function setWriting(writing) {
  const hadFocus = [byId("send"), byId("stop")].includes(document.activeElement);
  byId("send").hidden = writing;
  byId("stop").hidden = !writing;
  if (hadFocus) (onTouch() ? byId(writing ? "stop" : "send") : box).focus({ preventScroll: true });
}
