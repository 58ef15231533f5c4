/** The chips for people, groups, channels and dates inside a text. */
import { dependsOnNow, exactLabel, fillFormat, isoLabel } from "./dates.js";
import { h } from "./dom.js";
import { store } from "./state.js";
import { playgroundNow } from "./time.js";

export function userMention(id, label) {
  const known = store.directory.users.get(id);
  const name = known ? known.real_name || known.name : label || id;
  const mine = store.directory.isMe(id);
  return h("span", { class: `mention${mine ? " me" : ""}`, data: { user: id }, title: known?.title || null }, `@${name}`);
}

export function groupMention(id, label) {
  const group = store.directory.group(id);
  const handle = group?.handle?.replace(/^@/, "") ?? label?.replace(/^@/, "") ?? id;
  const people = (group?.user_ids ?? []).map((user) => store.directory.fullName(user)).join(", ");
  const mine = store.directory.isMyGroup(id);
  return h("span", { class: `mention${mine ? " me" : ""}`, data: { group: id }, title: people || null }, `@${handle}`);
}

export const broadcastMention = (range) => h("span", { class: "mention me" }, `@${range}`);

export function channelMention(id, label) {
  const channel = store.directory.channels.get(id);
  const name = channel?.name ?? label;
  if (!name) return h("span", { class: "mention" }, "a private channel");
  if (!channel) return h("span", { class: "mention" }, `#${name}`);
  return h("a", { class: "mention", href: `#/${store.directory.me}/${id}`, data: { goto: id } }, `#${name}`);
}

export function dateChip(unix, template, fallback, link) {
  const seconds = Number(unix);
  if (!Number.isFinite(seconds)) return document.createTextNode(fallback ?? "");
  const shown = fillFormat(seconds, template, playgroundNow());
  const time = h(
    "time",
    { datetime: isoLabel(seconds), title: exactLabel(seconds * 1000), data: dependsOnNow(template) ? { unix: seconds, template } : {} },
    shown,
  );
  return link ? safeLink(link, [time]) : time;
}

const SAFE = /^(https?:\/\/|mailto:|tel:)/i;

export const isSafe = (href) => SAFE.test(href);

/** A link only to where a link may go; anything else stays text. */
export function safeLink(href, children) {
  if (!isSafe(href)) return h("span", {}, children);
  return h("a", { href, target: "_blank", rel: "noopener noreferrer" }, children);
}

/** Rewrites the dates that depend on the present moment ("today", "3 minutes ago"). */
export function refreshDates(root) {
  const now = playgroundNow();
  for (const time of root.querySelectorAll("time[data-template]")) {
    const shown = fillFormat(Number(time.dataset.unix), time.dataset.template, now);
    if (time.textContent !== shown) time.textContent = shown;
  }
}
