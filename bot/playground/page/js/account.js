/** Who the reader is, how the bot is, and the way to be somebody else. */
import { avatar } from "./avatar.js";
import { h, refill } from "./dom.js";
import { icon } from "./icons.js";
import { openMenu } from "./menu.js";
import { store } from "./state.js";

const account = document.getElementById("account");
const workspace = document.getElementById("workspace");

export const switching = { to: () => {} };

function openSwitcher(event) {
  const items = store.directory.humans().map((user) => ({
    key: user.id, label: user.real_name || user.name, detail: user.title || `@${user.name}`, lead: avatar(user, 28), selected: store.directory.isMe(user.id),
  }));
  openMenu(event.currentTarget, { label: "Be somebody else", items, align: "right", filter: false, onPick: (id) => switching.to(id) });
}

function drawAccount() {
  const me = store.directory.user(store.directory.me);
  const { bot } = store.snapshot;
  const connected = store.online && bot.connected;
  const words = store.online ? `${bot.name} ${bot.connected ? "connected" : "not connected"}` : "Connection lost";
  const status = h("span", { class: `bot-status ${connected ? "on" : "off"}`, role: "status", title: words }, h("span", { class: "presence" }), h("span", {}, words));
  const button = h(
    "button",
    { type: "button", class: "me-button", "aria-haspopup": "listbox", "aria-expanded": "false", title: "Be somebody else", data: { key: "switch-user", testid: "user-switcher" }, on: { click: openSwitcher } },
    avatar(me, 28), h("span", { class: "me-name" }, h("span", { class: "me-label" }, "You are"), h("strong", {}, me.real_name || me.name)), icon("chevron", 16),
  );
  return [status, button];
}

export function renderAccount() {
  refill(account, JSON.stringify([store.directory.me, store.snapshot.bot, store.online, store.signature]), drawAccount);
  const name = store.snapshot.team?.name ?? store.snapshot.team ?? "Workspace";
  refill(workspace, JSON.stringify(name), () => [h("strong", {}, String(name)), h("span", { class: "local" }, "local Slack")]);
}
