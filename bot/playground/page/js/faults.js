/** The drawer where a person breaks the local Slack on purpose. */
import { api } from "./api.js";
import { h, refill } from "./dom.js";
import { describe } from "./errors.js";
import { icon } from "./icons.js";
import { store } from "./state.js";
import { refresh } from "./sync.js";

const drawer = document.getElementById("faults");
const METHODS = ["chat.postMessage", "chat.update", "chat.postEphemeral", "views.open", "views.publish", "conversations.history", "users.info"];
const KINDS = [
  ["drop_before", "lose the request"],
  ["drop_after", "do it, but lose the answer"],
  ["delay", "answer late"],
  ["http_500", "answer HTTP 500"],
  ["http_502_html", "answer HTTP 502 with HTML"],
  ["429", "answer “rate limited”"],
  ["error:internal_error", "answer internal_error"],
  ["error:channel_not_found", "answer channel_not_found"],
  ["error:is_archived", "answer is_archived"],
];
let failure = "";

document.addEventListener("toggle-faults", () => {
  drawer.hidden = !drawer.hidden;
  if (!drawer.hidden) drawer.querySelector("select")?.focus();
});

export const faultsOpen = () => !drawer.hidden;
export const closeFaults = () => {
  drawer.hidden = true;
};

function field(label, control) {
  return h("label", { class: "fault-field" }, h("span", {}, label), control);
}

const choice = (name, options) => h("select", { name, class: "native-select", data: { key: `fault/${name}` } }, options.map(([value, label]) => h("option", { value }, label)));

async function finish(answer) {
  failure = answer.ok ? "" : describe(answer.error);
  await refresh();
  renderFaults();
}

async function add(event) {
  event.preventDefault();
  const form = new FormData(event.target);
  const seconds = Number(form.get("seconds"));
  const kind = form.get("kind");
  const body = { method: form.get("method"), kind, times: Number(form.get("times")), channel: form.get("channel") || null };
  if (kind === "delay") body.delay_seconds = seconds;
  if (kind === "429") body.retry_after = seconds;
  await finish(await api.fault(body));
}

function drawForm() {
  const channels = [["", "any channel"], ...store.snapshot.channels.map((channel) => [channel.id, `#${channel.name}`])];
  return h(
    "form",
    { class: "fault-form", on: { submit: add } },
    field("When the app calls", choice("method", METHODS.map((method) => [method, method]))),
    field("in", choice("channel", channels)),
    field("then", choice("kind", KINDS)),
    field("times", h("input", { type: "number", name: "times", class: "text-input", min: 1, max: 100, value: 1 })),
    field("seconds (late answer, rate limit)", h("input", { type: "number", name: "seconds", class: "text-input", min: 1, max: 600, value: 5 })),
    h("button", { type: "submit", class: "btn primary", data: { key: "fault/add" } }, "Break it"),
  );
}

function drawWaiting(faults) {
  if (!faults.length) return h("p", { class: "fault-none" }, "Nothing is broken now.");
  const channel = (id) => (id ? ` in #${store.directory.place(id)?.name ?? id}` : "");
  const rows = faults.map((fault) => h("li", {}, h("code", {}, fault.method), `${channel(fault.channel)}: ${KINDS.find(([kind]) => kind === fault.kind)?.[1] ?? fault.kind}, ${fault.times}×`));
  return [h("ul", { class: "fault-list" }, rows), h("button", { type: "button", class: "btn", data: { key: "fault/clear" }, on: { click: async () => finish(await api.clearFaults()) } }, "Repair everything")];
}

export function renderFaults() {
  const faults = store.snapshot.faults ?? [];
  refill(drawer, JSON.stringify([faults, failure, store.signature]), () => [
    h("header", {}, h("h2", {}, "Break something"), h("button", { type: "button", class: "icon-button", "aria-label": "Close", data: { key: "fault/close" }, on: { click: closeFaults } }, icon("close"))),
    h("p", { class: "fault-lead" }, "The app will meet this failure at its next calls. Nothing should be lost or doubled."),
    failure ? h("p", { class: "act-error", role: "alert" }, failure) : null,
    drawForm(), drawWaiting(faults),
  ]);
}
