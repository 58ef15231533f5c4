/** Which messages a channel and a thread show, and what a thread looks like from its channel. */
import { plainText } from "./mrkdwn.js";

export const isReply = (message) => Boolean(message.thread_ts) && message.thread_ts !== message.ts;

export function inChannelView(message) {
  if (message.deleted) return !isReply(message) && (message.reply_count ?? 0) > 0;
  return !isReply(message) || Boolean(message.broadcast);
}

export function threadMessages(place, ts) {
  return place.messages.filter((message) => !message.deleted && message.thread_ts === ts && message.ts !== ts);
}

/** For every parent: how many replies, who wrote them, when the last came. */
export function summariseThreads(messages) {
  const threads = new Map();
  for (const message of messages) {
    if (!isReply(message) || message.deleted || message.ephemeral) continue;
    const thread = threads.get(message.thread_ts) ?? { count: 0, users: [], last: null };
    thread.count += 1;
    if (!thread.users.includes(message.user)) thread.users.push(message.user);
    thread.last = message.ts;
    threads.set(message.thread_ts, thread);
  }
  return threads;
}

/** A message in one plain line, for previews. */
export function previewText(message, directory) {
  const header = (message.blocks ?? []).find((block) => block.type === "header");
  const text = header?.text?.text || message.text || "a message";
  const named = text
    .replace(/<@(\w+)(?:\|[^>]*)?>/g, (_, id) => `@${directory.fullName(id)}`)
    .replace(/<!subteam\^(\w+)(?:\|[^>]*)?>/g, (_, id) => `@${directory.group(id)?.handle ?? id}`)
    .replace(/<[^>|]*\|([^>]*)>/g, "$1")
    .replace(/[*~`]/g, "");
  return plainText(named).replace(/\s+/g, " ").trim().slice(0, 120);
}
