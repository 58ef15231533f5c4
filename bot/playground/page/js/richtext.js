/** The rich_text block. */
import { emojiFor } from "./emoji.js";
import { h } from "./dom.js";
import { broadcastMention, channelMention, dateChip, groupMention, safeLink, userMention } from "./mentions.js";

function styled(node, style = {}) {
  let shown = node;
  if (style.code) shown = h("code", {}, shown);
  if (style.strike) shown = h("s", {}, shown);
  if (style.italic) shown = h("em", {}, shown);
  if (style.bold) shown = h("strong", {}, shown);
  return shown;
}

function textWithBreaks(text) {
  return text.split("\n").flatMap((line, index) => (index ? [h("br"), line] : [line]));
}

const INLINE = {
  text: (item) => h("span", {}, textWithBreaks(item.text ?? "")),
  link: (item) => safeLink(item.url ?? "", [item.text || item.url]),
  user: (item) => userMention(item.user_id),
  usergroup: (item) => groupMention(item.usergroup_id),
  channel: (item) => channelMention(item.channel_id),
  broadcast: (item) => broadcastMention(item.range),
  date: (item) => dateChip(item.timestamp, item.format ?? "{date}", item.fallback, item.url),
  emoji: (item) => h("span", { class: "emoji", role: "img", "aria-label": item.name }, emojiFor(item.name) ?? `:${item.name}:`),
  color: (item) => h("code", {}, item.value),
};

const inline = (items) => (items ?? []).map((item) => styled(INLINE[item.type]?.(item) ?? "", item.style));

function list(part) {
  const items = (part.elements ?? []).map((item) => h("li", {}, inline(item.elements)));
  return h(part.style === "ordered" ? "ol" : "ul", { css: { "--indent": part.indent ?? 0 }, start: part.offset ? part.offset + 1 : null }, items);
}

const PARTS = {
  rich_text_section: (part) => h("div", {}, inline(part.elements)),
  rich_text_list: list,
  rich_text_quote: (part) => h("blockquote", {}, inline(part.elements)),
  rich_text_preformatted: (part) => h("pre", {}, inline(part.elements)),
};

export function richText(block) {
  return h("div", { class: "block rich-text" }, (block.elements ?? []).map((part) => PARTS[part.type]?.(part)));
}
