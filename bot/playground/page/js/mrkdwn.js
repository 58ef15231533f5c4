/** Slack's mrkdwn as DOM nodes. The text is only ever split and put into text nodes. */
import { emojiFor } from "./emoji.js";
import { fragment, h } from "./dom.js";
import { broadcastMention, channelMention, dateChip, groupMention, isSafe, safeLink, userMention } from "./mentions.js";

const FIRST_ATOM = 0xe000;
const ATOM = /[\ue000-\uf8ff]/g;
const TOKEN = /`([^`\n]+)`|<([^<>\n]+)>/g;
const EMPHASIS = /(^|[^\p{L}\p{N}])([*_~])(?!\2)(?=\S)(.*?\S)\2(?![\p{L}\p{N}])/u;
const EMOJI_OR_URL = /:([a-z0-9_+'-]+(?:::skin-tone-\d)?):|https?:\/\/[^\s<>|\ue000-\uf8ff]*[^\s<>|\ue000-\uf8ff.,;:!?)'"\]]/gi;
const TAGS = { "*": "strong", _: "em", "~": "s" };

export const decode = (text) => text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");

const emojiNode = (name, character) => h("span", { class: "emoji", role: "img", "aria-label": name, title: `:${name}:` }, character);

/** Text without markup: entities, `:emoji:` and, where wanted, bare links. */
function words(text, { links = true, emoji = true } = {}) {
  const nodes = [];
  let from = 0;
  for (const match of text.matchAll(EMOJI_OR_URL)) {
    const node = match[1] ? emoji && emojiFor(match[1]) : links && safeLink(decode(match[0]), [decode(match[0])]);
    if (!node) continue;
    if (match.index > from) nodes.push(decode(text.slice(from, match.index)));
    nodes.push(match[1] ? emojiNode(match[1], node) : node);
    from = match.index + match[0].length;
  }
  if (from < text.length) nodes.push(decode(text.slice(from)));
  return nodes;
}

function angle(content) {
  const bar = content.indexOf("|");
  const target = bar < 0 ? content : content.slice(0, bar);
  const label = bar < 0 ? null : content.slice(bar + 1);
  if (/^@[UW]/.test(target)) return userMention(target.slice(1), label);
  if (/^#[CGD]/.test(target)) return channelMention(target.slice(1), label);
  if (target.startsWith("!")) return special(target.slice(1), label);
  if (!isSafe(decode(target))) return document.createTextNode(`<${decode(content)}>`);
  return safeLink(decode(target), words(label || target, { links: false }));
}

function special(command, label) {
  const [name, ...rest] = command.split("^");
  if (name === "subteam") return groupMention(rest[0], label);
  if (name === "date") return dateChip(rest[0], decode(rest[1] ?? "{date}"), label && decode(label), rest[2] && decode(rest[2]));
  if (["here", "channel", "everyone"].includes(name)) return broadcastMention(name);
  return document.createTextNode(decode(label ?? `<!${command}>`));
}

const codeNode = (text) => h("code", {}, decode(text.replace(/<([^<>|\n]+)(?:\|([^<>\n]+))?>/g, (_, target, label) => label ?? target)));

/** Puts links, mentions and code aside as single characters, so that emphasis can span them. */
function setAside(text) {
  const atoms = [];
  const marked = text.replace(ATOM, "").replace(TOKEN, (_, code, inAngles) => {
    atoms.push(code === undefined ? () => angle(inAngles) : () => codeNode(code));
    return String.fromCharCode(FIRST_ATOM + atoms.length - 1);
  });
  return { atoms, marked };
}

function plainRun(text, atoms) {
  const nodes = [];
  let from = 0;
  for (const match of text.matchAll(ATOM)) {
    nodes.push(...words(text.slice(from, match.index)));
    nodes.push(atoms[match[0].charCodeAt(0) - FIRST_ATOM]?.() ?? "");
    from = match.index + 1;
  }
  nodes.push(...words(text.slice(from)));
  return nodes;
}

function emphasised(text, atoms) {
  const nodes = [];
  let rest = text;
  for (let match = EMPHASIS.exec(rest); match; match = EMPHASIS.exec(rest)) {
    const [whole, before, mark, inner] = match;
    nodes.push(...plainRun(rest.slice(0, match.index) + before, atoms));
    nodes.push(h(TAGS[mark], {}, emphasised(inner, atoms)));
    rest = rest.slice(match.index + whole.length);
  }
  nodes.push(...plainRun(rest, atoms));
  return nodes;
}

function inline(line) {
  const { atoms, marked } = setAside(line);
  return emphasised(marked, atoms);
}

const QUOTE = /^(?:&gt;|>)\s?/;
const BULLET = /^(\s*)([•◦▪‣])\s+/;

function linesOf(text) {
  const nodes = [];
  let quote = null;
  let needsBreak = false;
  for (const line of text.split("\n")) {
    if (QUOTE.test(line)) {
      quote ??= nodes[nodes.push(h("blockquote")) - 1];
      if (quote.childNodes.length) quote.append(h("br"));
      quote.append(...inline(line.replace(QUOTE, "")));
      needsBreak = false;
      continue;
    }
    quote = null;
    const bullet = BULLET.exec(line);
    if (bullet) {
      nodes.push(h("div", { class: "bullet", css: { "--indent": bullet[1].length } }, h("span", { class: "dot" }, `${bullet[2]} `), h("span", {}, inline(line.slice(bullet[0].length)))));
      needsBreak = false;
      continue;
    }
    if (needsBreak) nodes.push(h("br"));
    nodes.push(...inline(line));
    needsBreak = true;
  }
  return nodes;
}

export function mrkdwn(text) {
  const nodes = [];
  String(text ?? "").split(/```([\s\S]*?)```/).forEach((part, index) => {
    if (index % 2) nodes.push(h("pre", {}, decode(part.replace(/^\n|\n$/g, ""))));
    else if (part) nodes.push(...linesOf(index ? part.replace(/^\n/, "") : part));
  });
  return fragment(nodes);
}

/** A text object of Block Kit, of either kind. */
export function textObject(text) {
  if (!text) return fragment();
  if (typeof text === "string") return fragment(words(text, { links: false }));
  if (text.type === "mrkdwn") return mrkdwn(text.text);
  const lines = String(text.text ?? "").split("\n").map((line) => words(line, { links: false, emoji: text.emoji !== false }));
  return fragment(lines.flatMap((line, index) => (index ? [h("br"), line] : [line])));
}

/** The characters of a text object, for labels that cannot hold markup. */
export function plainText(text) {
  const raw = typeof text === "string" ? text : (text?.text ?? "");
  return decode(raw).replace(/:([a-z0-9_+'-]+):/gi, (whole, name) => emojiFor(name) ?? whole);
}
