/** The form an app opened for the reader: drawn in a dialog, sent, corrected, closed. */
import { api } from "./api.js";
import { drawBlocks } from "./blocks.js";
import { h, refill } from "./dom.js";
import { describe } from "./errors.js";
import { icon } from "./icons.js";
import { textObject } from "./mrkdwn.js";
import { changed, store } from "./state.js";
import { viewSurface } from "./surfaces.js";
import { refresh } from "./sync.js";
import { checkRequired, FormState } from "./values.js";

const dialog = document.getElementById("modal");
const forms = new Map();
let opened = null;

dialog.addEventListener("cancel", (event) => {
  event.preventDefault();
  close();
});
// A second Escape would close the dialog whatever "cancel" says; the server decides what is open.
dialog.addEventListener("close", () => opened && !dialog.open && dialog.showModal());

function sheetFor(view) {
  if (!forms.has(view.id)) forms.set(view.id, { form: new FormState(view.view.state?.values), errors: new Map(), failure: null, busy: null });
  return forms.get(view.id);
}

async function whileBusy(sheet, what, act) {
  sheet.busy = what;
  sheet.failure = null;
  changed();
  const answer = await act();
  await refresh();
  sheet.busy = null;
  changed();
  return answer;
}

async function close() {
  const view = opened;
  const sheet = view && sheetFor(view);
  if (!view || sheet.busy) return;
  const answer = await whileBusy(sheet, "close", () => api.close({ user: store.directory.me, view_id: view.id }));
  if (!answer.ok) sheet.failure = describe(answer.error);
  changed();
}

async function submit(view, blocks) {
  const sheet = sheetFor(view);
  if (sheet.busy) return;
  sheet.errors = new Map(Object.entries(checkRequired(blocks, sheet.form)));
  if (!sheet.errors.size) {
    const body = { user: store.directory.me, view_id: view.id, values: sheet.form.collect(blocks) };
    const answer = await whileBusy(sheet, "submit", () => api.submit(body));
    sheet.errors = new Map(Object.entries(answer.errors ?? {}));
    if (!answer.ok && !sheet.errors.size) sheet.failure = describe(answer.error);
  }
  changed();
  queueMicrotask(() => dialog.querySelector('[aria-invalid="true"]')?.focus());
}

function drawView(view, sheet) {
  const content = view.view;
  const blocks = content.blocks ?? [];
  const surface = viewSurface(view.id, sheet.form, blocks, {
    errors: sheet.errors,
    onError: (words) => {
      sheet.failure = words;
      changed();
    },
  });
  const send = content.submit
    ? h("button", { type: "submit", class: "btn primary", data: { key: "modal-submit" }, "aria-busy": sheet.busy === "submit" ? "true" : null }, h("span", {}, textObject(content.submit)))
    : null;
  const form = h(
    "form",
    { class: "modal-form", novalidate: true, on: { submit: (event) => { event.preventDefault(); submit(view, blocks); } } },
    h("div", { class: "modal-body" }, sheet.failure ? h("p", { class: "modal-failure", role: "alert" }, icon("warning", 16), sheet.failure) : null, drawBlocks(blocks, surface)),
    h("footer", { class: "dialog-buttons" }, h("button", { type: "button", class: "btn", data: { key: "modal-cancel" }, on: { click: close } }, textObject(content.close ?? "Cancel")), send),
  );
  const x = h("button", { type: "button", class: "icon-button", "aria-label": "Close", data: { key: "modal-close" }, on: { click: close } }, icon("close"));
  return h("div", { class: "modal-sheet", data: { viewId: view.id, callbackId: view.callback_id } }, h("header", { class: "modal-header" }, h("h2", { id: "modal-title" }, textObject(content.title)), x), form);
}

function firstField() {
  return dialog.querySelector(".modal-body [autofocus]") ?? dialog.querySelector(".modal-body :is(input, textarea, select, button)") ?? dialog.querySelector("button");
}

export function renderModal() {
  const view = store.snapshot.view;
  const before = opened?.id;
  opened = view ?? null;
  if (!view) {
    if (dialog.open) dialog.close();
    dialog.replaceChildren();
    refill(dialog, "closed", () => []);
    forms.clear();
    return;
  }
  const sheet = sheetFor(view);
  const pending = [...store.pending].filter((key) => key.startsWith(`${view.id}|`));
  const hash = JSON.stringify([view, [...sheet.errors], sheet.failure, sheet.busy, pending, store.signature]);
  const scroll = dialog.querySelector(".modal-body")?.scrollTop ?? 0;
  if (refill(dialog, hash, () => drawView(view, sheet)) && before === view.id) dialog.querySelector(".modal-body").scrollTop = scroll;
  if (!dialog.open) dialog.showModal();
  if (before !== view.id) firstField()?.focus();
}
