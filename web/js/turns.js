// How one turn looks: the person's message, or a reply with what belongs to it.
import { announce, el } from "./dom.js";
import { crisisCard, softHelp } from "./helplines.js";

/** The nodes of a message of the person. */
export function userTurn(text) {
  return el(
    "article",
    { class: "turn mine" },
    el("p", { class: "sr", text: "You:" }),
    el("p", { class: "text", dir: "auto", text }),
  );
}

/** A reply on the page. It can grow while it is streamed, then takes its final form. */
export class Reply {
  constructor() {
    this.text = el("p", { class: "text", dir: "auto" });
    this.extras = el("div", { class: "extras" });
    this.node = el(
      "article",
      { class: "turn theirs" },
      el("p", { class: "sr", text: "Softspoken:" }),
      this.text,
      this.extras,
    );
    this.node.hidden = true;
    this.card = null;
    this.parts = {};
  }

  append(text) {
    this.text.append(text);
    this.node.hidden = false;
  }

  replace(text) {
    this.text.textContent = text;
    this.node.hidden = false;
  }

  get said() {
    return this.text.textContent;
  }

  setPrinciples(principles) {
    this.#put("principles", principles?.length ? why(principles) : null);
  }

  setTakeaway(text) {
    this.#put("takeaway", text ? takeaway(text) : null);
  }

  /** Soft lines go under the reply; a crisis card stands beside it in the log (see `card`). */
  setResources(resources) {
    this.card?.remove();
    this.card = null;
    const lines = resources?.lines?.length || resources?.emergency;
    this.#put("soft", lines && resources.soft ? softHelp(resources) : null);
    if (lines && !resources.soft) this.card = crisisCard(resources);
  }

  /** Give the reply the final form that the server stored. */
  finish(turn) {
    this.replace(turn.text);
    this.setTakeaway(turn.takeaway);
    this.setResources(turn.resources);
    this.setPrinciples(turn.principles);
  }

  stop() {
    if (!this.said) this.node.hidden = false;
    this.#put("stopped", el("p", { class: "quiet", text: "Stopped. You can write on." }));
  }

  #put(name, node) {
    this.parts[name] = node;
    const order = ["takeaway", "soft", "stopped", "principles"];
    this.extras.replaceChildren(...order.map((key) => this.parts[key]).filter(Boolean));
  }
}

function why(principles) {
  return el(
    "details",
    { class: "why" },
    el("summary", { text: "Why this?" }),
    el("p", { class: "quiet", text: "Drawn from these ideas of the guide:" }),
    el(
      "ul",
      {},
      ...principles.map((p) =>
        el("li", {}, p.title, el("span", { class: "quiet", text: p.section ? ` · ${p.section}` : "" })),
      ),
    ),
  );
}

function takeaway(text) {
  const words = el("p", { class: "text", dir: "auto", text });
  const copy = el("button", { class: "button plain", type: "button", text: "Copy" });
  copy.addEventListener("click", async () => {
    const done = await copyText(text, words);
    copy.textContent = done ? "Copied" : "Selected: copy it";
    announce(done ? "Copied." : "The text is selected. Copy it with your keyboard or menu.");
    setTimeout(() => (copy.textContent = "Copy"), 2500);
  });
  return el(
    "section",
    { class: "takeaway", "aria-label": "To take with you" },
    el("h3", { text: "To take with you" }),
    words,
    copy,
  );
}

async function copyText(text, node) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    getSelection().selectAllChildren(node);
    return false;
  }
}
