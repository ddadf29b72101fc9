// The transcript: turns in order, following the end only while the reader is at the end.
import { byId } from "./dom.js";
import { Reply, userTurn } from "./turns.js";

const NEAR_END = 64;
const log = byId("log");
const scroller = byId("scroller");
const jump = byId("jump");
let following = true;
let lastTop = 0;

const distance = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;

/** Set up scrolling. */
export function setUp() {
  scroller.addEventListener(
    "scroll",
    () => {
      // Only the reader scrolls up; the page itself scrolls down.
      if (distance() < NEAR_END) following = true;
      else if (scroller.scrollTop < lastTop) following = false;
      lastTop = scroller.scrollTop;
      showJump();
    },
    { passive: true },
  );
  jump.addEventListener("click", () => {
    toEnd();
    byId("message").focus({ preventScroll: true });
  });
  new ResizeObserver(settle).observe(scroller);
  new ResizeObserver(settle).observe(log);
}

function showJump() {
  jump.hidden = log.hidden || distance() < NEAR_END * 2;
}

function settle() {
  if (following && !log.hidden) scroller.scrollTop = scroller.scrollHeight;
  showJump();
}

/** Go to the end, and follow it again. */
export function toEnd() {
  following = true;
  settle();
}

export function clear() {
  log.replaceChildren();
  following = true;
}

/** Add a message of the person; a crisis card that waited for an answer takes its place. */
export function addUser(text) {
  for (const card of log.querySelectorAll(".crisis")) card.classList.add("answered");
  const node = userTurn(text);
  log.append(node);
  return node;
}

/** Add an empty reply to fill while it is written. */
export function addReply() {
  const reply = new Reply();
  log.append(reply.node);
  return reply;
}

/** Put the crisis card of a reply after it. */
export function placeCard(reply) {
  if (reply.card) reply.node.after(reply.card);
}

/** Take a turn that failed back out; an earlier card waits for an answer again. */
export function takeBack(...nodes) {
  for (const node of nodes) node?.remove();
  const last = log.lastElementChild;
  if (last?.classList.contains("crisis")) last.classList.remove("answered");
}

/** Show a stored conversation. */
export function show(turns) {
  clear();
  for (const turn of turns) {
    if (turn.role === "user") addUser(turn.text);
    else {
      const reply = addReply();
      reply.finish(turn);
      placeCard(reply);
    }
  }
}
