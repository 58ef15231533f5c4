/** One message: who, when, what, and what can be done with it. */
import { api } from "./api.js";
import { avatar } from "./avatar.js";
import { drawBlocks } from "./blocks.js";
import { isReply, previewText } from "./conversation.js";
import { exactLabel, timeLabel, tsToMs, whenLabel } from "./dates.js";
import { h } from "./dom.js";
import { emojiFor, QUICK_REACTIONS } from "./emoji.js";
import { describe } from "./errors.js";
import { icon } from "./icons.js";
import { openMenu } from "./menu.js";
import { mrkdwn } from "./mrkdwn.js";
import { openThread } from "./navigation.js";
import { store } from "./state.js";
import { messageKey, messageSurface } from "./surfaces.js";
import { refresh } from "./sync.js";
import { playgroundNow } from "./time.js";
import { toast } from "./toast.js";

const me = () => store.directory.me;

async function react(channel, ts, name) {
  const answer = await api.react({ user: me(), channel, ts, name });
  if (!answer.ok) toast(describe(answer.error));
  await refresh();
}

async function pin(channel, ts) {
  const answer = await api.pin({ user: me(), channel, ts });
  if (!answer.ok) toast(describe(answer.error));
  await refresh();
}

async function runShortcut(shortcut, channel, ts) {
  const answer = await api.shortcut({ user: me(), callback_id: shortcut.callback_id, channel, ts });
  if (!answer.ok) toast(`${shortcut.name}: ${describe(answer.error)}`);
  await refresh();
}

function attachments(message, surface) {
  return (message.attachments ?? []).map((item) =>
    h("div", { class: "attachment", css: { "--bar": /^#?[0-9a-f]{3,8}$/i.test(item.color ?? "") ? `#${item.color.replace("#", "")}` : "var(--line)" } },
      item.title ? h("strong", {}, item.title) : null,
      item.blocks ? drawBlocks(item.blocks, surface) : mrkdwn(item.text ?? item.fallback ?? "")),
  );
}

function content(channel, message) {
  if (message.deleted) return h("div", { class: "content deleted" }, "This message was deleted.");
  const blocks = message.blocks ?? [];
  const surface = messageSurface(channel, message, blocks);
  const edited = message.edited ? h("span", { class: "edited" }, "(edited)") : null;
  if (blocks.length) return h("div", { class: "content" }, drawBlocks(blocks, surface), attachments(message, surface), edited);
  return h("div", { class: "content" }, h("div", { class: "text" }, mrkdwn(message.text), edited ? [" ", edited] : null), attachments(message, surface));
}

function reactions(channel, message) {
  const shown = message.reactions ?? [];
  if (!shown.length) return null;
  const chips = shown.map((reaction) => {
    const mine = reaction.users.includes(me());
    const names = reaction.users.map((user) => store.directory.fullName(user)).join(", ");
    return h(
      "button",
      { type: "button", class: `reaction${mine ? " mine" : ""}`, "aria-pressed": String(mine), title: `${names} reacted with :${reaction.name}:`, "aria-label": `${reaction.name}, ${reaction.users.length}`, data: { key: `reaction/${reaction.name}` }, on: { click: () => react(channel, message.ts, reaction.name) } },
      h("span", { class: "emoji" }, emojiFor(reaction.name) ?? `:${reaction.name}:`), h("span", { class: "count" }, String(reaction.users.length)),
    );
  });
  return h("div", { class: "reactions" }, chips);
}

function replyBar(message, thread) {
  const count = thread?.count ?? message.reply_count ?? 0;
  if (!count) return null;
  const faces = (thread?.users ?? []).slice(0, 4).map((user) => avatar(store.directory.user(user), 22));
  const last = thread?.last ? h("span", { class: "last-reply" }, `Last reply ${whenLabel(tsToMs(thread.last), playgroundNow())}`) : null;
  const label = `${count} ${count === 1 ? "reply" : "replies"}`;
  return h("button", { type: "button", class: "reply-bar", data: { key: "replies" }, on: { click: () => openThread(message.ts) } }, faces, h("span", { class: "reply-count" }, label), last);
}

function toolbar(channel, message, { inThread }) {
  if (message.ephemeral || message.deleted) return null;
  const pick = (event) => openMenu(event.currentTarget, {
    label: "Reactions", align: "right", items: QUICK_REACTIONS.map((name) => ({ key: name, label: `${emojiFor(name)}  :${name}:` })), onPick: (name) => react(channel, message.ts, name),
  });
  const shortcuts = (store.snapshot.shortcuts ?? []).filter((shortcut) => shortcut.type === "message");
  const more = (event) => openMenu(event.currentTarget, {
    label: "Message shortcuts", align: "right", items: shortcuts.map((shortcut) => ({ key: shortcut.callback_id, label: shortcut.name, detail: shortcut.description, shortcut })), onPick: (_, item) => runShortcut(item.shortcut, channel, message.ts),
  });
  const tool = (name, label, key, click) => h("button", { type: "button", class: "tool", title: label, "aria-label": label, data: { key }, on: { click } }, icon(name));
  return h(
    "div",
    { class: "message-tools", role: "toolbar", "aria-label": "Message actions" },
    tool("smile", "Add a reaction", "tool/react", pick),
    tool("pin", message.pinned_by ? "Un-pin from channel" : "Pin to channel", "tool/pin", () => pin(channel, message.ts)),
    inThread ? null : tool("reply", "Reply in thread", "tool/reply", () => openThread(isReply(message) ? message.thread_ts : message.ts)),
    shortcuts.length ? tool("more", "More actions", "tool/more", more) : null,
  );
}

function byline(user, message) {
  const badge = user.is_bot && user.id !== "USLACKBOT" ? h("span", { class: "badge" }, "APP") : null;
  return h("div", { class: "byline" }, h("span", { class: "author", title: user.title || null }, user.real_name || user.name), badge, stamp(message));
}

function stamp(message) {
  const ms = tsToMs(message.ts);
  return h("time", { class: "stamp", datetime: new Date(ms).toISOString(), title: exactLabel(ms) }, timeLabel(ms));
}

function broadcastLine(place, message) {
  if (!message.broadcast || !isReply(message)) return null;
  const parent = place.messages.find((other) => other.ts === message.thread_ts);
  return h("div", { class: "broadcast-line" }, "replied to a thread: ",
    h("button", { type: "button", class: "link", data: { key: "broadcast" }, on: { click: () => openThread(message.thread_ts) } }, parent ? previewText(parent, store.directory) : "a thread"));
}

function pinnedLine(message) {
  if (!message.pinned_by) return null;
  return h("div", { class: "only-you pinned-line" }, icon("pin", 14), `Pinned by ${store.directory.fullName(message.pinned_by)}`);
}

export function drawMessage(place, message, { compact, thread, inThread = false, highlighted = false }) {
  const user = store.directory.user(message.user ?? store.directory.bot.user_id);
  const error = store.errors.get(messageKey(place.id, message.ts));
  const classes = ["message", compact && "compact", message.ephemeral && "ephemeral", highlighted && "highlighted"].filter(Boolean).join(" ");
  return h(
    "article",
    { class: classes, data: { ts: message.ts, channel: place.id, user: user.id }, "aria-label": `${user.real_name || user.name}, ${timeLabel(tsToMs(message.ts))}` },
    message.ephemeral ? h("div", { class: "only-you" }, icon("eye", 14), "Only visible to you") : null,
    pinnedLine(message),
    h("div", { class: "gutter" }, compact ? stamp(message) : avatar(user)),
    h(
      "div",
      { class: "body" },
      compact ? null : byline(user, message),
      inThread ? null : broadcastLine(place, message),
      content(place.id, message),
      error ? h("p", { class: "act-error", role: "alert" }, icon("warning", 16), error) : null,
      reactions(place.id, message),
      inThread ? null : replyBar(message, thread),
    ),
    toolbar(place.id, message, { inThread }),
  );
}
