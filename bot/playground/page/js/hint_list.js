/** The list of suggestions above a composer. */
import { h } from "./dom.js";

let serial = 0;

export class HintList {
  constructor(input, onPick) {
    this.input = input;
    this.onPick = onPick;
    this.id = `hints-${++serial}`;
    this.node = h("div", { class: "hints", role: "listbox", id: this.id, "aria-label": "Suggestions", hidden: true });
    this.items = [];
    this.active = -1;
    input.setAttribute("aria-controls", this.id);
    input.setAttribute("aria-autocomplete", "list");
  }

  get open() {
    return !this.node.hidden;
  }

  show({ items, from, eager }) {
    this.items = items;
    this.from = from;
    this.active = eager && items.length && items[0].insert ? 0 : -1;
    this.node.hidden = items.length === 0;
    this.node.replaceChildren(...items.map((item, index) => this.row(item, index)), h("div", { class: "hints-foot", "aria-hidden": "true" }, "↑↓ choose · Tab completes · Enter sends · Esc hides"));
    this.mark();
  }

  hide() {
    this.node.hidden = true;
    this.items = [];
    this.active = -1;
    this.mark();
  }

  row(item, index) {
    return h(
      "div",
      { class: `hint${item.insert ? "" : " reminder"}`, role: "option", id: `${this.id}-${index}`, on: { mousedown: (event) => { event.preventDefault(); this.pick(index); } } },
      item.lead?.(), h("span", { class: "hint-label" }, item.label), item.usage ? h("span", { class: "hint-usage" }, item.usage) : null, h("span", { class: "hint-detail" }, item.detail),
    );
  }

  mark() {
    [...this.node.querySelectorAll(".hint")].forEach((node, index) => {
      node.classList.toggle("active", index === this.active);
      node.setAttribute("aria-selected", String(index === this.active));
      if (index === this.active) node.scrollIntoView({ block: "nearest" });
    });
    if (this.active >= 0) this.input.setAttribute("aria-activedescendant", `${this.id}-${this.active}`);
    else this.input.removeAttribute("aria-activedescendant");
  }

  move(step) {
    const usable = this.items.map((item, index) => (item.insert ? index : -1)).filter((index) => index >= 0);
    if (!usable.length) return;
    const at = usable.indexOf(this.active);
    this.active = usable[(at + step + usable.length + (at < 0 && step < 0 ? 1 : 0)) % usable.length];
    this.mark();
  }

  pick(index) {
    const item = this.items[index];
    if (item?.insert) this.onPick(item.insert, this.from);
  }

  /** True when the key was for the list. */
  key(event) {
    if (!this.open) return false;
    if (event.key === "ArrowDown") this.move(1);
    else if (event.key === "ArrowUp") this.move(-1);
    else if (event.key === "Tab" && !event.shiftKey && this.items.some((item) => item.insert)) this.pick(this.active >= 0 ? this.active : this.items.findIndex((item) => item.insert));
    else if (event.key === "Enter" && this.active >= 0) this.pick(this.active);
    else if (event.key === "Escape") this.hide();
    else return false;
    return true;
  }
}
