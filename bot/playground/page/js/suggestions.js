/** What could be meant at the caret: a command, an incident, a person, a channel, an emoji. */
import { avatar } from "./avatar.js";
import { incidentHints } from "./command_hints.js";
import { previewText } from "./conversation.js";
import { emojiStarting } from "./emoji.js";
import { store } from "./state.js";

const MOST = 8;
const none = { from: 0, items: [], eager: false };
let incidentsOf = { snapshot: null, found: [] };

/** Incident numbers mentioned in the workspace, latest first. */
function knownIncidents() {
  if (incidentsOf.snapshot === store.snapshot) return incidentsOf.found;
  const found = new Map();
  for (const place of [...store.snapshot.channels, ...(store.snapshot.dms ?? [])]) {
    for (const message of place.messages) {
      const text = previewText(message, store.directory);
      for (const [name] of text.matchAll(/\bINC-\d+\b/g)) found.set(name, found.get(name) ?? text);
    }
  }
  const number = (name) => Number(name.slice(4));
  incidentsOf = { snapshot: store.snapshot, found: [...found].sort(([one], [other]) => number(other) - number(one)) };
  return incidentsOf.found;
}

function commandNames(typed) {
  const commands = store.snapshot.commands ?? [];
  const items = commands
    .filter((item) => item.command.startsWith(typed))
    .map((item) => ({ insert: `${item.command} `, label: item.command, usage: item.usage_hint ?? "", detail: item.description ?? "" }));
  return { from: 0, items, eager: !commands.some((item) => item.command === typed) };
}

/** What commonly comes next, as long as nothing or the beginning of it is typed. */
function nextWords(hint, words) {
  if (words.length !== 1) return [];
  return (hint.next ?? []).filter((next) => next.startsWith(words[0].toLowerCase()) && next.trim() !== words[0].toLowerCase())
    .map((next) => ({ insert: next, label: next.trim(), usage: "", detail: "" }));
}

function incidentArguments(text) {
  const hints = incidentHints(store.snapshot.commands?.find((item) => item.command === "/incident")?.usage_hint);
  const rest = text.slice("/incident ".length);
  const [word, ...others] = rest.split(/ +/);
  if (!others.length) {
    const items = hints.filter((hint) => hint.word.startsWith(word.toLowerCase()))
      .map((hint) => ({ insert: `/incident ${hint.word}${hint.usage ? " " : ""}`, label: `/incident ${hint.word}`, usage: hint.usage, detail: hint.detail }));
    return { from: 0, items, eager: word.length > 0 && !items.some((item) => item.label === text.trim()) };
  }
  const hint = hints.find((item) => item.word === word.toLowerCase());
  if (!hint) return none;
  const reminder = { insert: null, label: `/incident ${hint.word}`, usage: hint.usage, detail: hint.detail };
  const takesIncident = hint.usage.startsWith("INC-");
  if (!takesIncident || others.length > 1) return { from: text.length - others.at(-1).length, items: [...nextWords(hint, others.slice(takesIncident ? 1 : 0)), reminder], eager: false };
  const typed = others[0].toUpperCase();
  const numbers = knownIncidents().filter(([name]) => (name.startsWith(typed) || name.slice(4).startsWith(typed)) && name !== typed).slice(0, MOST)
    .map(([name, title]) => ({ insert: `${name} `, label: name, usage: "", detail: title }));
  return { from: text.length - others[0].length, items: [...numbers, reminder], eager: typed.length > 0 && numbers.length > 0 };
}

function people(typed, from) {
  const wanted = typed.toLowerCase();
  const users = [...store.directory.users.values()].filter((user) => `${user.name} ${user.real_name}`.toLowerCase().split(/\s+/).some((word) => word.startsWith(wanted)))
    .map((user) => ({ insert: `@${user.name} `, label: user.real_name || user.name, usage: `@${user.name}`, detail: user.title ?? "", lead: () => avatar(user, 22) }));
  const groups = [...store.directory.groups.values()].map((group) => [group, group.handle.replace(/^@/, "")]).filter(([, handle]) => handle.toLowerCase().startsWith(wanted))
    .map(([group, handle]) => ({ insert: `@${handle} `, label: `@${handle}`, usage: "", detail: `${group.user_ids?.length ?? 0} people` }));
  return { from, items: [...users, ...groups].slice(0, MOST), eager: true };
}

function rooms(typed, from) {
  const items = [...store.directory.channels.values()].filter((channel) => channel.is_member && channel.name.includes(typed.toLowerCase()))
    .map((channel) => ({ insert: `#${channel.name} `, label: `#${channel.name}`, usage: "", detail: channel.topic ?? "" }));
  return { from, items: items.slice(0, MOST), eager: true };
}

function emojis(typed, from) {
  const items = emojiStarting(typed).slice(0, MOST).map(([name, character]) => ({ insert: `:${name}: `, label: `${character}  :${name}:`, usage: "", detail: "" }));
  return { from, items, eager: true };
}

export function suggest(text, caret, { commands = true } = {}) {
  const before = text.slice(0, caret);
  const word = /(?:^|\s)([@#:])([\p{L}\p{N}_.+-]*)$/u.exec(before);
  const from = word ? caret - word[2].length - 1 : 0;
  if (word?.[1] === "@") return people(word[2], from);
  if (word?.[1] === "#") return rooms(word[2], from);
  if (word?.[1] === ":" && word[2].length > 1) return emojis(word[2], from);
  if (!commands || caret !== text.length || text.includes("\n")) return none;
  if (/^\/[a-z_-]*$/i.test(text)) return commandNames(text);
  return /^\/incident /i.test(text) ? incidentArguments(text) : none;
}
