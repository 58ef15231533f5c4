/** Block Kit, drawn. A surface is {form, errors, isPending(block, element), act(block, element, action)}. */
import { h } from "./dom.js";
import { drawElement } from "./elements.js";
import { mrkdwn, textObject } from "./mrkdwn.js";
import { richText } from "./richtext.js";

function header(block) {
  return h("h3", { class: "block header" }, textObject(block.text));
}

function section(block, surface) {
  const fields = block.fields?.length ? h("div", { class: "fields" }, block.fields.map((field) => h("div", { class: "field" }, textObject(field)))) : null;
  const text = block.text ? h("div", { class: "section-text" }, textObject(block.text)) : null;
  const accessory = block.accessory ? h("div", { class: `accessory ${block.accessory.type}` }, drawElement(block.accessory, block, surface)) : null;
  return h("div", { class: "block section" }, h("div", { class: "section-main" }, text, fields), accessory);
}

function context(block, surface) {
  const parts = (block.elements ?? []).map((element) =>
    element.type === "image" ? h("span", { class: "context-image" }, drawElement(element, block, surface)) : h("span", { class: "context-text" }, textObject(element)),
  );
  return h("div", { class: "block context" }, parts);
}

function actions(block, surface) {
  return h("div", { class: "block actions" }, (block.elements ?? []).map((element) => drawElement(element, block, surface)));
}

function image(block, surface) {
  return h("figure", { class: "block image" }, block.title ? h("figcaption", {}, textObject(block.title)) : null, drawElement({ ...block, type: "image" }, block, surface));
}

function input(block, surface) {
  const error = surface.errors?.get(block.block_id);
  const control = drawElement(block.element, block, surface);
  const errorId = `error-${block.block_id}`;
  if (error) {
    control.setAttribute("aria-invalid", "true");
    control.setAttribute("aria-describedby", errorId);
  }
  if (!block.optional) control.setAttribute("aria-required", "true");
  return h(
    "div",
    { class: `block input${error ? " invalid" : ""}`, data: { blockId: block.block_id } },
    h("div", { class: "input-label" }, textObject(block.label), block.optional ? h("span", { class: "optional" }, " (optional)") : null),
    control,
    error ? h("p", { class: "input-error", id: errorId, role: "alert" }, error) : null,
    block.hint ? h("p", { class: "input-hint" }, textObject(block.hint)) : null,
  );
}

/** Enough of Markdown for what apps send: headings, bold, links; the rest is read as mrkdwn. */
function markdown(block) {
  const text = String(block.text ?? "")
    .replace(/^#{1,6}\s+(.*)$/gm, "*$1*").replace(/\*\*(.+?)\*\*/g, "*$1*")
    .replace(/\[([^\]]+)\]\((https?:[^)\s]+)\)/g, "<$2|$1>").replace(/^(\s*)[-*]\s+/gm, "$1• ");
  return h("div", { class: "block section" }, mrkdwn(text));
}

function cell(item) {
  return item.type === "rich_text" ? richText(item) : h("span", {}, item.text ?? "");
}

function table(block) {
  const rows = (block.rows ?? []).map((row, index) => h("tr", {}, row.map((item) => h(index ? "td" : "th", {}, cell(item)))));
  return h("div", { class: "block table" }, h("table", {}, rows));
}

const DRAW = {
  header, section, context, actions, image, input, markdown, table,
  divider: () => h("hr", { class: "block divider" }),
  rich_text: richText,
  alert: (block) => h("div", { class: `block alert ${block.level ?? "default"}` }, textObject(block.text)),
};

/** A block that cannot be drawn says so; the rest of the page goes on. */
function drawBlock(block, surface) {
  const draw = DRAW[block?.type];
  if (!draw) return h("div", { class: "block unknown" }, `A ${block?.type} block is not shown here.`);
  try {
    return draw(block, surface);
  } catch (error) {
    console.error("This block cannot be drawn", block, error);
    return h("div", { class: "block unknown" }, `This ${block.type} block cannot be drawn.`);
  }
}

export function drawBlocks(blocks, surface) {
  return (blocks ?? []).map((block) => drawBlock(block, surface));
}
