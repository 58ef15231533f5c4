/** Short notices at the bottom of the page. */
import { h } from "./dom.js";
import { icon } from "./icons.js";

const SHOWN_FOR = 7000;

export function toast(text, { kind = "error" } = {}) {
  const close = h("button", { type: "button", class: "icon-button", "aria-label": "Dismiss", on: { click: () => note.remove() } }, icon("close", 16));
  const note = h("div", { class: `toast ${kind}` }, icon(kind === "error" ? "warning" : "check"), h("span", {}, text), close);
  document.getElementById("toasts").append(note);
  setTimeout(() => note.remove(), SHOWN_FOR);
}
