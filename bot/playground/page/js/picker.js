/** Selects: one control for options, people, channels and conversations, single or multiple. */
import { avatar } from "./avatar.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { openMenu } from "./menu.js";
import { plainText } from "./mrkdwn.js";
import { store } from "./state.js";

const optionItem = (option, group) => ({
  key: option.value, label: plainText(option.text), detail: option.description ? plainText(option.description) : null, group, option,
});

function optionItems(element) {
  const groups = (element.option_groups ?? []).flatMap((group) => group.options.map((option) => optionItem(option, plainText(group.label))));
  return [...(element.options ?? []).map((option) => optionItem(option, null)), ...groups];
}

const personItem = (user) => ({ key: user.id, label: user.real_name || user.name, detail: user.title || `@${user.name}`, lead: avatar(user, 24) });
const channelItem = (channel) => ({ key: channel.id, label: `${channel.is_private ? "🔒 " : "#"}${channel.name}` });

function itemsFor(element) {
  const directory = store.directory;
  if (element.type.includes("users")) return directory.humans().map(personItem);
  const rooms = [...directory.channels.values()].filter((channel) => !channel.is_archived && (!channel.is_private || channel.is_member));
  if (element.type.includes("channels")) return rooms.filter((channel) => !channel.is_private).map(channelItem);
  if (element.type.includes("conversations")) {
    const people = [...directory.dms.values()].map((dm) => ({ key: dm.id, label: directory.fullName(directory.partner(dm)) }));
    return [...rooms.map(channelItem), ...people];
  }
  return optionItems(element);
}

const isMulti = (element) => element.type.startsWith("multi_");
const holdsOptions = (element) => element.type.includes("static") || element.type.includes("external");
const keyOf = (value) => (value && typeof value === "object" ? value.value : value);

const NOTHING = "";

/** A button that shows the choice and opens the list. `value` and `onPick` speak in state values. */
export function picker(element, { value, onPick, attributes, label, optional = false }) {
  let chosen = value;
  const text = h("span", { class: "picker-text" });
  const button = h(
    "button",
    { type: "button", role: "combobox", "aria-haspopup": "listbox", "aria-expanded": "false", ...attributes, class: `picker ${attributes.class ?? ""}`, on: { click: open } },
    text, icon("chevron", 16),
  );

  function show() {
    const keys = [chosen].flat().filter((item) => item != null).map(keyOf);
    const names = itemsFor(element).filter((item) => keys.includes(item.key)).map((item) => item.label);
    const placeholder = plainText(element.placeholder) || "Select an item";
    text.textContent = names.length ? names.join(", ") : keys.join(", ") || placeholder;
    text.classList.toggle("placeholder", !keys.length);
    button.setAttribute("aria-label", `${label || placeholder}${keys.length ? `: ${text.textContent}` : ""}`);
  }

  function open() {
    if (button.getAttribute("aria-disabled") === "true") return;
    const keys = [chosen].flat().filter((item) => item != null).map(keyOf);
    const clear = optional && !isMulti(element) && keys.length ? [{ key: NOTHING, label: "Clear selection" }] : [];
    const items = [...clear, ...itemsFor(element).map((item) => ({ ...item, selected: keys.includes(item.key) }))];
    openMenu(button, { label: label || plainText(element.placeholder) || "Options", items, multi: isMulti(element), onPick: pick });
  }

  function pick(key, item) {
    const picked = key === NOTHING ? null : holdsOptions(element) ? item.option : key;
    if (isMulti(element)) {
      const others = chosen.filter((other) => keyOf(other) !== key);
      chosen = item.selected ? [...others, picked] : others;
    } else chosen = picked;
    show();
    onPick(chosen);
  }

  show();
  return button;
}
