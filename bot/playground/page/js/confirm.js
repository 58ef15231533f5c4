/** The question some buttons ask before they act. */
import { h } from "./dom.js";
import { textObject } from "./mrkdwn.js";

export function confirmed(question) {
  return new Promise((resolve) => {
    const answer = (yes) => {
      dialog.remove();
      resolve(yes);
    };
    const yes = h("button", { type: "button", class: `btn ${question.style === "danger" ? "danger" : "primary"}`, on: { click: () => answer(true) } }, textObject(question.confirm ?? "Yes"));
    const no = h("button", { type: "button", class: "btn", on: { click: () => answer(false) } }, textObject(question.deny ?? "Cancel"));
    const dialog = h(
      "dialog",
      { class: "confirm", "aria-labelledby": "confirm-title", on: { cancel: (event) => { event.preventDefault(); event.stopPropagation(); answer(false); } } },
      h("h2", { id: "confirm-title" }, textObject(question.title ?? "Are you sure?")),
      h("div", { class: "confirm-text" }, textObject(question.text)),
      h("footer", { class: "dialog-buttons" }, no, yes),
    );
    document.body.append(dialog);
    dialog.showModal();
    yes.focus();
  });
}
