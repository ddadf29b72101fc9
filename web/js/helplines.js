// Help lines inside a conversation: the crisis card and the soft line under a reply.
import { el } from "./dom.js";
import { NEUTRAL } from "./leave.js";
import { country } from "./settings.js";

/** The digits to dial at the start of a number such as "0800 123 456 (free)". */
export function dial(number) {
  const start = /^[+*(\d][\d\s().\u2010-\u2013-]*/.exec(number.trim())?.[0] ?? "";
  return start.replace(/[^+*\d]/g, "");
}

/** The address for a text such as "SHOUT to 85258" or "3060"; "" for anything else. */
export function smsAddress(text) {
  const parts = text.replace(/^Text /, "").split(" to ");
  const number = dial(parts.at(-1));
  if (!number || !/\d$/.test(text.trim())) return "";
  return `sms:${number}${parts.length === 2 ? `?&body=${encodeURIComponent(parts[0].trim())}` : ""}`;
}

const link = (address, text, name) =>
  address
    ? el("a", { class: name, href: address, text })
    : el("span", { class: "way-text", text });

function ways(line, name) {
  const text = line.text?.replace(/^Text /, "");
  return [
    line.call && link(dial(line.call) && `tel:${dial(line.call)}`, `Call ${line.call}`, name),
    text && link(smsAddress(text), `Text ${text}`, name),
    line.chat?.startsWith("https://") &&
      el("a", {
        class: name,
        href: line.chat,
        target: "_blank",
        rel: "noopener noreferrer",
        text: "Website (new tab)",
      }),
  ].filter(Boolean);
}

const moreHelp = () => (country() ? `/help?country=${encodeURIComponent(country())}` : "/help");

function emergency(number) {
  if (!number) return "";
  const digits = /^[\d\s]+$/.test(number) ? dial(number) : "";
  return digits
    ? el(
        "p",
        { class: "urgent-row" },
        el("span", { text: "In danger right now?" }),
        el("a", { class: "button", href: `tel:${digits}`, text: `Call ${number}` }),
      )
    : el("p", { class: "urgent-words" }, "In danger right now? Call ", ...dialable(number), ".");
}

/** Words with each number in them a link to dial it. */
const dialable = (words) =>
  words
    .split(/(\d+)/)
    .map((part, at) =>
      at % 2 ? el("a", { class: "number", href: `tel:${part}`, text: part }) : part,
    );

/** The card for a crisis. It stays in view until the person writes again. */
export function crisisCard(resources) {
  const title = resources.country
    ? `People to reach now · ${resources.country}`
    : "People to reach now";
  return el(
    "section",
    { class: "crisis", "aria-label": "Help lines", tabindex: "0" },
    el("h2", { text: title }),
    emergency(resources.emergency),
    el("ul", { class: "crisis-lines" }, ...resources.lines.map(crisisLine)),
    el(
      "p",
      { class: "crisis-foot" },
      el("a", { href: moreHelp(), target: "_blank", text: "More help lines (new tab)" }),
      el("a", {
        href: NEUTRAL,
        rel: "noreferrer",
        "data-leave": true,
        text: "Leave this page quickly",
      }),
    ),
  );
}

function crisisLine(line) {
  const small = [line.about, line.hours].filter(Boolean).join(" ");
  return el(
    "li",
    {},
    el("p", { class: "line-name", text: line.name }),
    el("p", { class: "line-about", text: small }),
    line.sure === false
      ? el("p", { class: "line-about", text: "We couldn’t confirm this number: please check it." })
      : "",
    el("p", { class: "ways" }, ...ways(line, "button plain")),
  );
}

/** The quiet line under a reply: somebody to talk to, with no alarm. */
export function softHelp(resources) {
  return el(
    "div",
    { class: "soft-help" },
    el("p", { text: "If you’d like to talk to a person about this:" }),
    el(
      "ul",
      {},
      ...resources.lines.map((line) =>
        el("li", {}, el("span", { text: line.name }), ...ways(line, "soft-way")),
      ),
      el("li", {}, el("a", { class: "soft-way", href: moreHelp(), target: "_blank", text: "More lines (new tab)" })),
    ),
  );
}
