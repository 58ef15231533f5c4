/** A list to pick from, floating over the page: selects, overflow menus, the user switcher, reactions. */
import { h } from "./dom.js";
import { icon } from "./icons.js";

const FILTER_FROM = 8;
const GAP = 4;
let open = null;
let serial = 0;

/** items: [{key, label, detail?, lead?, group?, selected?}]. Resolves nothing; calls onPick(key). */
export function openMenu(anchor, { label, items, onPick, multi = false, align = "left", filter = items.length > FILTER_FROM }) {
  const wasHere = open?.anchorKey && open.anchorKey === anchor.dataset.key;
  closeMenu();
  if (wasHere) return;
  open = new Menu(anchor, { label, items, onPick, multi, align, filter });
  open.show();
}

export function closeMenu({ focusBack = false } = {}) {
  open?.hide(focusBack);
  open = null;
}

export const menuIsOpen = () => open !== null;

class Menu {
  constructor(anchor, options) {
    Object.assign(this, options);
    this.anchor = anchor;
    this.anchorKey = anchor.dataset.key ?? null;
    this.host = anchor.closest("dialog") ?? document.body;
    this.active = Math.max(0, this.items.findIndex((item) => item.selected));
    this.shown = this.items;
    this.id = `menu-${++serial}`;
  }

  show() {
    this.list = h("div", { class: "menu-list", role: "listbox", id: this.id, "aria-label": this.label, "aria-multiselectable": this.multi || null, tabindex: this.filter ? null : "0" });
    this.input = this.filter
      ? h("input", { class: "menu-filter", type: "text", placeholder: "Find…", "aria-label": `Find in ${this.label}`, "aria-controls": this.id, role: "combobox", "aria-expanded": "true", autocomplete: "off", on: { input: () => this.narrow() } })
      : null;
    this.node = h("div", { class: "menu", on: { keydown: (event) => this.key(event) } }, this.input, this.list);
    this.fill();
    this.host.append(this.node);
    this.position();
    (this.input ?? this.list).focus({ preventScroll: true });
    this.anchor.setAttribute("aria-expanded", "true");
    this.away = (event) => this.node.contains(event.target) || this.anchor.contains(event.target) || closeMenu();
    this.moved = () => this.position();
    document.addEventListener("pointerdown", this.away, true);
    window.addEventListener("resize", this.moved);
  }

  hide(focusBack) {
    document.removeEventListener("pointerdown", this.away, true);
    window.removeEventListener("resize", this.moved);
    const hadFocus = this.node.contains(document.activeElement);
    this.node.remove();
    const anchor = this.anchor.isConnected ? this.anchor : this.host.querySelector(`[data-key="${CSS.escape(this.anchorKey ?? "")}"]`);
    anchor?.setAttribute("aria-expanded", "false");
    if (focusBack || hadFocus) anchor?.focus({ preventScroll: true });
  }

  position() {
    if (!this.anchor.isConnected) return;
    const box = this.anchor.getBoundingClientRect();
    const below = innerHeight - box.bottom - 2 * GAP;
    const above = box.top - 2 * GAP;
    const height = Math.min(this.node.offsetHeight, 360);
    const up = height > below && above > below;
    const left = this.align === "right" ? box.right - this.node.offsetWidth : box.left;
    this.node.style.maxHeight = `${Math.min(360, up ? above : below)}px`;
    this.node.style.minWidth = `${Math.min(box.width, innerWidth - 2 * GAP)}px`;
    this.node.style.left = `${Math.max(GAP, Math.min(left, innerWidth - this.node.offsetWidth - GAP))}px`;
    this.node.style.top = up ? "auto" : `${box.bottom + GAP}px`;
    this.node.style.bottom = up ? `${innerHeight - box.top + GAP}px` : "auto";
  }

  narrow() {
    const words = this.input.value.toLowerCase().split(/\s+/).filter(Boolean);
    this.shown = this.items.filter((item) => words.every((word) => `${item.label} ${item.detail ?? ""}`.toLowerCase().includes(word)));
    this.active = 0;
    this.fill();
  }

  fill() {
    let group = null;
    const rows = this.shown.flatMap((item, index) => {
      const heading = item.group && item.group !== group ? h("div", { class: "menu-group", role: "presentation" }, item.group) : null;
      group = item.group ?? null;
      return [heading, this.row(item, index)];
    });
    this.list.replaceChildren(...rows.filter(Boolean));
    if (!this.shown.length) this.list.append(h("div", { class: "menu-none" }, "Nothing found"));
    this.mark();
  }

  row(item, index) {
    return h(
      "div",
      {
        class: "menu-item", role: "option", id: `${this.id}-${index}`, "aria-selected": String(Boolean(item.selected)), data: { option: item.key },
        on: { click: () => this.pick(index), pointermove: () => this.moveTo(index) },
      },
      item.lead,
      h("span", { class: "menu-text" }, h("span", { class: "menu-label" }, item.label), item.detail ? h("span", { class: "menu-detail" }, item.detail) : null),
      item.selected ? icon("check", 16) : null,
    );
  }

  moveTo(index) {
    if (index === this.active) return;
    this.active = index;
    this.mark();
  }

  mark() {
    for (const node of this.list.querySelectorAll(".menu-item")) node.classList.toggle("active", node.id === `${this.id}-${this.active}`);
    (this.input ?? this.list).setAttribute("aria-activedescendant", `${this.id}-${this.active}`);
    this.list.querySelector(".menu-item.active")?.scrollIntoView({ block: "nearest" });
  }

  pick(index) {
    const item = this.shown[index];
    if (!item) return;
    if (this.multi) {
      item.selected = !item.selected;
      this.fill();
    } else closeMenu({ focusBack: true });
    this.onPick(item.key, item);
  }

  key(event) {
    const last = this.shown.length - 1;
    const moves = { ArrowDown: Math.min(this.active + 1, last), ArrowUp: Math.max(this.active - 1, 0), Home: 0, End: last };
    if (event.key in moves && !(this.input && ["Home", "End"].includes(event.key))) {
      this.active = moves[event.key];
      this.mark();
    } else if (event.key === "Enter" || (event.key === " " && !this.input)) this.pick(this.active);
    else if (event.key === "Escape") closeMenu({ focusBack: true });
    else if (event.key === "Tab") return closeMenu({ focusBack: true });
    else return event.stopPropagation();
    event.preventDefault();
    event.stopPropagation();
  }
}
