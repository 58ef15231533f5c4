/** The interactive elements of Block Kit. Each reads its value from, and writes it to, the form of its surface. */
import { confirmed } from "./confirm.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { openMenu } from "./menu.js";
import { plainText, textObject } from "./mrkdwn.js";
import { picker } from "./picker.js";
import { isStateful, stateOf, valueOf } from "./values.js";

let serial = 0;

const SAFE_URL = /^https?:\/\//i;

function attributesOf(element, block, surface) {
  const busy = surface.isPending(block, element);
  return {
    data: { key: `${block.block_id}/${element.action_id}`, blockId: block.block_id, actionId: element.action_id },
    "aria-busy": busy ? "true" : null,
    "aria-disabled": busy ? "true" : null,
  };
}

/** Tells the app, after its question if it has one. */
async function act(element, block, surface, action) {
  if (surface.isPending(block, element)) return;
  if (element.confirm && !(await confirmed(element.confirm))) return;
  await surface.act(block, element, action);
}

const dispatches = (block) => block.type !== "input" || Boolean(block.dispatch_action);

function changed(element, block, surface, value) {
  const state = stateOf(element, value);
  surface.form.set(block, element, state);
  if (dispatches(block)) act(element, block, surface, { state });
}

function button(element, block, surface) {
  const press = () => {
    if (element.url && SAFE_URL.test(element.url)) window.open(element.url, "_blank", "noopener,noreferrer");
    act(element, block, surface, { value: element.value });
  };
  return h(
    "button",
    { type: "button", class: `btn ${element.style ?? ""}`, "aria-label": element.accessibility_label, ...attributesOf(element, block, surface), on: { click: press } },
    h("span", {}, textObject(element.text)),
  );
}

function overflow(element, block, surface) {
  const items = (element.options ?? []).map((option) => ({ key: option.value, label: plainText(option.text), detail: option.description ? plainText(option.description) : null, option }));
  const pick = (_, item) => {
    if (item.option.url && SAFE_URL.test(item.option.url)) window.open(item.option.url, "_blank", "noopener,noreferrer");
    act(element, block, surface, { state: item.option });
  };
  const open = (event) => openMenu(event.currentTarget, { label: "More actions", items, onPick: pick, align: "right" });
  return h("button", { type: "button", class: "btn overflow", "aria-label": "More actions", "aria-haspopup": "listbox", ...attributesOf(element, block, surface), on: { click: open } }, icon("more"));
}

function select(element, block, surface) {
  return picker(element, {
    value: valueOf(element, surface.form.get(block, element)),
    label: block.type === "input" ? plainText(block.label) : plainText(element.placeholder),
    attributes: attributesOf(element, block, surface),
    onPick: (value) => changed(element, block, surface, value),
    optional: block.type === "input" && Boolean(block.optional),
  });
}

function choices(element, block, surface, kind) {
  const name = `choice-${++serial}`;
  const chosen = [valueOf(element, surface.form.get(block, element))].flat().filter(Boolean).map((option) => option.value);
  const boxes = (element.options ?? []).map((option) => {
    const box = h("input", { type: kind, name, value: option.value, checked: chosen.includes(option.value) });
    const words = h("span", { class: "choice-text" }, textObject(option.text), option.description ? h("span", { class: "choice-detail" }, textObject(option.description)) : null);
    return h("label", { class: "choice" }, box, words);
  });
  const group = h("div", { role: kind === "radio" ? "radiogroup" : "group", "aria-label": plainText(block.label) || null, class: "choices", ...attributesOf(element, block, surface) }, boxes);
  group.addEventListener("change", () => {
    const checked = [...group.querySelectorAll("input:checked")].map((box) => element.options.find((option) => option.value === box.value));
    changed(element, block, surface, kind === "radio" ? (checked[0] ?? null) : checked);
  });
  return group;
}

function textInput(element, block, surface) {
  const state = surface.form.get(block, element);
  const types = { email_text_input: "email", url_text_input: "url", number_input: "number" };
  const common = {
    class: "text-input", placeholder: plainText(element.placeholder), "aria-label": plainText(block.label),
    value: valueOf(element, state) ?? "", maxlength: element.max_length, autofocus: element.focus_on_load ?? null,
    min: element.min_value, max: element.max_value, step: element.type === "number_input" && element.is_decimal_allowed ? "any" : null,
    ...attributesOf(element, block, surface),
  };
  const input = element.multiline
    ? h("textarea", { ...common, rows: 4 })
    : h("input", { ...common, type: types[element.type] ?? "text", autocomplete: "off" });
  input.addEventListener("input", () => surface.form.set(block, element, stateOf(element, input.value || null)));
  input.addEventListener("change", () => dispatches(block) && act(element, block, surface, { value: input.value, state: stateOf(element, input.value) }));
  return input;
}

function richTextInput(element, block, surface) {
  const write = (text) => ({ type: "rich_text", elements: [{ type: "rich_text_section", elements: [{ type: "text", text }] }] });
  const read = (value) => (value?.elements ?? []).flatMap((part) => part.elements ?? []).map((item) => item.text ?? "").join("");
  const input = h("textarea", { class: "text-input", rows: 4, "aria-label": plainText(block.label), placeholder: plainText(element.placeholder), value: read(valueOf(element, surface.form.get(block, element))), ...attributesOf(element, block, surface) });
  input.addEventListener("input", () => surface.form.set(block, element, stateOf(element, input.value ? write(input.value) : null)));
  return input;
}

function localInput(unixSeconds) {
  if (!unixSeconds) return "";
  const date = new Date(unixSeconds * 1000);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** The browser's own date and time fields; a date with time is in the reader's zone. */
function moment(element, block, surface, type) {
  const value = valueOf(element, surface.form.get(block, element));
  const withDate = type === "datetime-local";
  const input = h("input", {
    class: "text-input moment", type, value: withDate ? localInput(value) : (value ?? ""),
    "aria-label": plainText(block.label) || plainText(element.placeholder) || "Date", ...attributesOf(element, block, surface),
  });
  input.addEventListener("change", () => {
    const typed = withDate && input.value ? Math.floor(new Date(input.value).getTime() / 1000) : input.value;
    changed(element, block, surface, typed || null);
  });
  return input;
}

function picture(element) {
  const image = h("img", { src: element.image_url, alt: element.alt_text ?? "", loading: "lazy", referrerpolicy: "no-referrer" });
  image.addEventListener("error", () => image.replaceWith(h("span", { class: "image-missing" }, element.alt_text || "image")));
  return image;
}

const DRAW = {
  button, overflow,
  workflow_button: button,
  image: picture,
  plain_text_input: textInput, email_text_input: textInput, url_text_input: textInput, number_input: textInput,
  rich_text_input: richTextInput,
  radio_buttons: (element, block, surface) => choices(element, block, surface, "radio"),
  checkboxes: (element, block, surface) => choices(element, block, surface, "checkbox"),
  datepicker: (element, block, surface) => moment(element, block, surface, "date"),
  timepicker: (element, block, surface) => moment(element, block, surface, "time"),
  datetimepicker: (element, block, surface) => moment(element, block, surface, "datetime-local"),
};

export function drawElement(element, block, surface) {
  if (element.type.endsWith("_select") && isStateful(element)) return select(element, block, surface);
  return DRAW[element.type]?.(element, block, surface) ?? h("span", { class: "unknown" }, `${element.type} is not shown here`);
}
