/** Channels, people and apps, with what is unread. */
import { avatar } from "./avatar.js";
import { h, refill } from "./dom.js";
import { icon } from "./icons.js";
import { goHome, goToChannel } from "./navigation.js";
import { store } from "./state.js";

const sidebar = document.getElementById("sidebar");

function item({ key, lead, label, active, unread, muted, title, go, data }) {
  const count = unread?.mentions ?? 0;
  const classes = ["side-item", active && "active", (unread?.count || count) && "unread", muted && "muted"].filter(Boolean).join(" ");
  const badge = count ? h("span", { class: "badge-count", "aria-label": `${count} mentions` }, String(count)) : null;
  return h("button", { type: "button", class: classes, title, "aria-current": active ? "page" : null, data: { key, ...data }, on: { click: go } }, lead, h("span", { class: "side-label" }, label), badge);
}

function channelItem(channel, here) {
  const mark = channel.is_archived ? "archive" : channel.is_private ? "lock" : "hash";
  return item({
    key: `side/${channel.id}`, lead: icon(mark, 16), label: channel.name, active: here === channel.id, unread: channel.unread,
    muted: channel.is_archived, title: channel.is_archived ? "Archived" : channel.topic, go: () => goToChannel(channel.id), data: { channel: channel.id },
  });
}

function dmItem(dm, here) {
  const user = store.directory.user(store.directory.partner(dm));
  return item({ key: `side/${dm.id}`, lead: avatar(user, 20), label: user.real_name || user.name, active: here === dm.id, unread: dm.unread, go: () => goToChannel(dm.id), data: { channel: dm.id } });
}

/** A direct message with the app counts as the app's own. */
function appItem(place) {
  const { bot } = store.snapshot;
  const dm = store.directory.botDm();
  const active = place.kind === "home" || (dm && place.id === dm.id);
  const dot = h("span", { class: `presence ${bot.connected ? "on" : "off"}`, title: bot.connected ? "connected" : "not connected" });
  const go = dm?.unread?.count ? () => goToChannel(dm.id) : goHome;
  return item({ key: "side/app", lead: [avatar(store.directory.user(bot.user_id), 20), dot], label: bot.name, active, unread: dm?.unread, go, data: { app: bot.user_id } });
}

function group(title, items) {
  return items.length ? h("section", { class: "side-group" }, h("h2", {}, title), items) : null;
}

function visibleChannels() {
  const shown = store.snapshot.channels.filter((channel) => channel.is_member || !channel.is_private);
  return shown.sort((one, other) => Number(one.is_archived) - Number(other.is_archived));
}

function draw() {
  const here = store.place.kind === "channel" ? store.place.id : null;
  const botDm = store.directory.botDm();
  const dms = (store.snapshot.dms ?? []).filter((dm) => dm.id !== botDm?.id);
  return [
    group("Channels", visibleChannels().map((channel) => channelItem(channel, here))),
    group("Direct messages", dms.map((dm) => dmItem(dm, here))),
    group("Apps", [appItem(store.place)]),
    h("button", { type: "button", class: "side-faults", data: { key: "side/faults" }, on: { click: () => document.dispatchEvent(new CustomEvent("toggle-faults")) } }, icon("bolt", 16), faultLabel()),
  ];
}

function faultLabel() {
  const count = store.snapshot.faults?.length ?? 0;
  return count ? `Break something (${count} set)` : "Break something";
}

export function renderSidebar() {
  const line = (place) => [place.id, place.name, place.is_archived, place.is_member, place.topic, place.unread?.count, place.unread?.mentions, place.with];
  const hash = JSON.stringify([store.snapshot.channels.map(line), (store.snapshot.dms ?? []).map(line), store.place, store.snapshot.bot, store.snapshot.faults?.length, store.signature]);
  const scroll = sidebar.scrollTop;
  if (refill(sidebar, hash, draw)) sidebar.scrollTop = scroll;
}
