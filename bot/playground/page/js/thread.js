/** The pane at the right: a message and its replies. */
import { nameOf } from "./channel.js";
import { Composer } from "./composer.js";
import { threadMessages } from "./conversation.js";
import { tsToMs } from "./dates.js";
import { h, refill } from "./dom.js";
import { icon } from "./icons.js";
import { MessageList } from "./list.js";
import { closeThread } from "./navigation.js";
import { currentPlace, store } from "./state.js";

const pane = document.getElementById("thread");
const header = document.getElementById("thread-header");
const list = new MessageList(document.getElementById("replies"), { inThread: true });
const composer = new Composer(document.getElementById("thread-composer"), { inThread: true });
let shown = null;

function drawHeader(place) {
  const close = h("button", { type: "button", class: "icon-button", "aria-label": "Close thread", data: { key: "close-thread" }, on: { click: closeThread } }, icon("close"));
  return [h("h2", {}, "Thread"), h("span", { class: "topic" }, place.with === undefined ? `#${place.name}` : nameOf(place)), close];
}

function replyLine(count) {
  const label = count ? `${count} ${count === 1 ? "reply" : "replies"}` : "No replies yet";
  return { key: "reply-line", hash: label, build: () => h("div", { class: "reply-line", role: "separator" }, h("span", {}, label)) };
}

export function renderThread() {
  const place = currentPlace();
  const parent = place?.messages.find((message) => message.ts === store.thread);
  const open = Boolean(parent) && store.place.kind === "channel";
  pane.hidden = !open;
  document.body.classList.toggle("with-thread", open);
  if (!open) {
    if (shown) list.clear();
    shown = null;
    return;
  }
  refill(header, `${place.id}|${store.signature}`, () => drawHeader(place));
  const replies = threadMessages(place, parent.ts).sort((one, other) => tsToMs(one.ts) - tsToMs(other.ts));
  const id = `${store.directory.me}|${place.id}|${parent.ts}`;
  list.show(place, id, { messages: [parent, ...replies], after: replyLine(replies.filter((reply) => !reply.ephemeral).length) });
  composer.show(place, parent.ts);
  if (shown !== id && !store.highlighted) composer.focus();
  shown = id;
}
