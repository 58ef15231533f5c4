/** What a reader should know at the top of a channel: the first hint, a bot that is gone, a lost server. */
import { h, refill } from "./dom.js";
import { describe } from "./errors.js";
import { icon } from "./icons.js";
import { goToChannel } from "./navigation.js";
import { changed, store } from "./state.js";

const area = document.getElementById("notices");
const DISMISSED = "hint-dismissed";
const ACKNOWLEDGE = /^acknowledge\b/i;

function remembered() {
  try {
    return localStorage.getItem(DISMISSED) === "yes";
  } catch {
    return false;
  }
}

let dismissed = remembered();

function dismiss() {
  dismissed = true;
  try {
    localStorage.setItem(DISMISSED, "yes");
  } catch {
    // Private windows may refuse; the hint then comes back with the next visit.
  }
  changed();
}

const offersAcknowledge = (message) =>
  (message.blocks ?? []).some((block) => (block.elements ?? []).some((element) => element.type === "button" && ACKNOWLEDGE.test(element.text?.text ?? "")));

/** The incident of a card that still offers to acknowledge; null for every other message. */
function waitingIncident(message) {
  const header = (message.blocks ?? []).find((block) => block.type === "header");
  if (!header || message.deleted || !offersAcknowledge(message)) return null;
  return /\b[A-Z]+-\d+\b/.exec(header.text?.text ?? "")?.[0] ?? message.ts;
}

/** Channels where a card still offers to acknowledge, with the incidents. */
export function waitingCards() {
  return store.snapshot.channels
    .map((channel) => ({ channel, incidents: new Set(channel.messages.map(waitingIncident).filter(Boolean)) }))
    .filter((item) => item.incidents.size > 0);
}

function hintWords() {
  const fromBot = store.snapshot.channels.some((channel) => channel.messages.some((message) => message.user === store.directory.bot.user_id));
  if (!fromBot) return null;
  const me = store.directory.fullName(store.directory.me);
  const waiting = waitingCards();
  const count = new Set(waiting.flatMap((item) => [...item.incidents])).size;
  const start = `You are ${me} in a local Slack.`;
  if (!count) return { text: `${start} Type /incident to open an incident, and speed up the clock to see it escalate.`, waiting: [] };
  const subject = count === 1 ? "One incident waits and nobody has answered" : `${count} incidents wait and nobody has answered`;
  return { text: `${start} ${subject}: watch ${count === 1 ? "it" : "them"} climb, or click Acknowledge. Type /incident to open another.`, waiting };
}

function drawHint(words) {
  const links = words.waiting.filter((item) => item.channel.id !== store.place.id).slice(0, 3)
    .map((item) => h("button", { type: "button", class: "link", data: { key: `hint/${item.channel.id}` }, on: { click: () => goToChannel(item.channel.id) } }, `#${item.channel.name}`));
  return h("div", { class: "notice hint-notice", role: "note" }, h("span", { class: "notice-text" }, words.text, links.length ? [" See ", ...links.flatMap((link, index) => (index ? [", ", link] : [link])), "."] : null),
    h("button", { type: "button", class: "icon-button", "aria-label": "Dismiss the hint", data: { key: "dismiss-hint" }, on: { click: dismiss } }, icon("close", 16)));
}

export function renderNotices() {
  const lost = !store.online || store.failure;
  const hint = dismissed ? null : hintWords();
  const state = { lost, failure: store.failure, gone: !store.snapshot.bot.connected, hint: hint?.text, links: hint?.waiting.map((item) => item.channel.id), here: store.place.id };
  refill(area, JSON.stringify(state), () => [
    lost ? h("div", { class: "notice bad", role: "alert" }, icon("warning"), h("span", { class: "notice-text" }, store.failure && store.online ? describe(store.failure) : "The connection to the playground is lost. Trying again…")) : null,
    !lost && state.gone ? h("div", { class: "notice warn", role: "status" }, icon("warning"), h("span", { class: "notice-text" }, `${store.snapshot.bot.name} is not connected. Commands and buttons will not be answered.`)) : null,
    hint ? drawHint(hint) : null,
  ]);
}
