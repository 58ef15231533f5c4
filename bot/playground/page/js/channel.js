/** The middle of the page for a channel: its header, its messages, and marking them read. */
import { api } from "./api.js";
import { avatar } from "./avatar.js";
import { inChannelView, summariseThreads } from "./conversation.js";
import { tsToMs } from "./dates.js";
import { h, refill } from "./dom.js";
import { icon } from "./icons.js";
import { MessageList } from "./list.js";
import { goHome, goToChannel } from "./navigation.js";
import { currentPlace, store } from "./state.js";

const list = new MessageList(document.getElementById("messages"));
/** The server sends this many messages of a channel at most. */
const SERVED = 300;
let lastRead = "";

list.onScroll = () => markRead();
document.addEventListener("visibilitychange", () => markRead());

const isDm = (place) => place.with !== undefined;
const ordered = (messages) => messages.filter(inChannelView).sort((one, other) => tsToMs(one.ts) - tsToMs(other.ts) || one.ts.localeCompare(other.ts));

export function nameOf(place) {
  return isDm(place) ? store.directory.fullName(store.directory.partner(place)) : place.name;
}

function channelTitle(place) {
  const mark = place.is_archived ? "archive" : place.is_private ? "lock" : "hash";
  return h("h1", {}, icon(mark, 20), place.name);
}

function dmTitle(place) {
  const user = store.directory.user(store.directory.partner(place));
  return h("h1", {}, avatar(user, 24), user.real_name || user.name, user.is_bot ? h("span", { class: "badge" }, "APP") : null);
}

function botTabs(current) {
  const dm = store.directory.botDm();
  const tab = (label, active, go) => h("button", { type: "button", role: "tab", "aria-selected": String(active), class: "tab", data: { key: `tab/${label}` }, on: { click: go } }, label);
  return h("div", { class: "tabs", role: "tablist" }, tab("Home", current === "home", goHome), dm ? tab("Messages", current === "messages", () => goToChannel(dm.id)) : null);
}

export function drawAppHeader(current) {
  const bot = store.directory.user(store.directory.bot.user_id);
  return [h("h1", {}, avatar(bot, 24), bot.real_name || store.snapshot.bot.name, h("span", { class: "badge" }, "APP")), botTabs(current)];
}

function drawHeader(place) {
  if (place.id === store.directory.botDm()?.id) return drawAppHeader("messages");
  if (isDm(place)) return [dmTitle(place), h("span", { class: "topic" }, store.directory.user(store.directory.partner(place)).title ?? "")];
  const absent = place.bot_is_member === false ? h("span", { class: "absent" }, `${store.snapshot.bot.name} is not in this channel`) : null;
  return [channelTitle(place), h("span", { class: "topic", title: place.topic || null }, place.topic ?? ""), bookmarks(place), absent];
}

function bookmarks(place) {
  const links = (place.bookmarks ?? []).map(({ title, link }) => h("a", { class: "bookmark", href: link, target: "_blank", rel: "noopener noreferrer" }, title));
  return links.length ? h("span", { class: "bookmarks" }, links) : null;
}

function intro(place, count) {
  const name = isDm(place) ? nameOf(place) : `#${place.name}`;
  if (count >= SERVED) return { key: "intro", hash: "older", build: () => h("div", { class: "intro" }, h("p", {}, "Older messages are not shown here.")) };
  const words = isDm(place) ? `This is the beginning of your messages with ${name}.` : `This is the beginning of ${name}.`;
  return { key: "intro", hash: words, build: () => h("div", { class: "intro" }, h("h2", {}, name), h("p", {}, words, place.topic ? ` ${place.topic}` : "")) };
}

function markRead() {
  const place = currentPlace();
  const unread = (place?.unread?.count ?? 0) + (place?.unread?.mentions ?? 0);
  if (!unread || store.place.kind !== "channel" || document.hidden || !list.atBottom) return;
  const mark = `${store.directory.me}|${place.id}|${place.messages.at(-1)?.ts}|${unread}`;
  if (mark === lastRead) return;
  lastRead = mark;
  api.read({ user: store.directory.me, channel: place.id });
}

export function renderChannel(header) {
  const place = currentPlace();
  list.scroller.hidden = !place;
  if (!place) return;
  refill(header, JSON.stringify(["channel", place.id, place.name, place.topic, place.is_archived, place.bot_is_member, place.bookmarks, store.signature]), () => drawHeader(place));
  const messages = ordered(place.messages);
  list.show(place, `${store.directory.me}|${place.id}`, { messages, threads: summariseThreads(place.messages), intro: intro(place, messages.length) });
  markRead();
}

export function hideChannel() {
  list.scroller.hidden = true;
}
