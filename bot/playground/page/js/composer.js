/** Where a person writes: one for the channel, one for the thread. Drafts are kept per person and place. */
import { api } from "./api.js";
import { h } from "./dom.js";
import { describe } from "./errors.js";
import { HintList } from "./hint_list.js";
import { icon } from "./icons.js";
import { openMenu } from "./menu.js";
import { changed, store } from "./state.js";
import { suggest } from "./suggestions.js";
import { refresh } from "./sync.js";
import { toast } from "./toast.js";

const TALLEST = 220;
const TOLD_BY_SLACKBOT = ["operation_timeout", "dispatch_failed", "unknown_command"];

export class Composer {
  constructor(container, { inThread = false } = {}) {
    this.container = container;
    this.inThread = inThread;
    this.key = null;
    this.input = h("textarea", { rows: 1, class: "composer-input", spellcheck: "true", data: { testid: inThread ? "thread-input" : "composer-input" } });
    this.hints = new HintList(this.input, (text, from) => this.complete(text, from));
    this.status = h("div", { class: "composer-status", role: "status" });
    this.submit = h("button", { type: "button", class: "send", "aria-label": "Send", on: { click: () => this.send() } }, icon("send", 18));
    this.refusalText = h("span");
    this.join = h("button", { type: "button", class: "btn primary", on: { click: () => this.joinPlace() } }, "Join channel");
    this.refusal = h("div", { class: "composer-refusal", hidden: true }, this.refusalText, this.join);
    this.box = h("div", { class: "composer-box" }, this.hints.node, this.input, h("div", { class: "composer-bar" }, this.tools(), h("span", { class: "composer-tip" }, "Enter sends, Shift+Enter makes a new line"), this.submit));
    container.append(this.refusal, this.box, this.status);
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("keydown", (event) => this.pressed(event));
    this.input.addEventListener("click", () => this.suggest());
    this.input.addEventListener("blur", () => this.hints.hide());
  }

  tools() {
    const insert = (label, name, text) => h("button", { type: "button", class: "icon-button", title: label, "aria-label": label, on: { mousedown: (event) => event.preventDefault(), click: () => this.insert(text) } }, icon(name));
    this.shortcuts = h("button", { type: "button", class: "icon-button", hidden: true, title: "Shortcuts", "aria-label": "Shortcuts", data: { key: "shortcuts" }, on: { click: () => this.openShortcuts() } }, icon("bolt"));
    return [this.inThread ? null : insert("Slash commands", "slash", "/"), insert("Mention somebody", "at", "@"), this.shortcuts];
  }

  globalShortcuts() {
    return this.inThread ? [] : (store.snapshot.shortcuts ?? []).filter((shortcut) => shortcut.type === "global");
  }

  openShortcuts() {
    const items = this.globalShortcuts().map((shortcut) => ({ key: shortcut.callback_id, label: shortcut.name, detail: shortcut.description }));
    openMenu(this.shortcuts, { label: "Shortcuts", items, onPick: (id) => this.runShortcut(id) });
  }

  async runShortcut(id) {
    const answer = await api.shortcut({ user: store.directory.me, callback_id: id });
    if (!answer.ok) toast(describe(answer.error));
    await refresh();
  }

  focus() {
    this.input.focus({ preventScroll: true });
  }

  show(place, thread = null) {
    const key = [store.directory.me, place.id, thread].filter(Boolean).join("|");
    const appeared = this.container.hidden;
    this.container.hidden = false;
    if (key !== this.key) this.moveTo(key, place, thread);
    const refusal = this.refusalFor(place);
    this.refusal.hidden = !refusal;
    this.refusalText.textContent = refusal ?? "";
    this.join.hidden = place.is_archived || place.is_private;
    this.box.hidden = Boolean(refusal);
    this.shortcuts.hidden = this.globalShortcuts().length === 0;
    // A hidden field has no height to measure.
    if (appeared) this.resize();
    this.showStatus();
  }

  hide() {
    this.container.hidden = true;
  }

  refusalFor(place) {
    if (place.is_archived) return "This channel is archived. Nobody can write here.";
    if (place.is_member === false) return "You are not in this channel.";
    return null;
  }

  async joinPlace() {
    const answer = await api.join({ user: store.directory.me, channel: this.place });
    if (!answer.ok) toast(describe(answer.error));
    await refresh();
    this.focus();
  }

  moveTo(key, place, thread) {
    if (this.key) store.drafts.set(this.key, this.input.value);
    this.key = key;
    this.place = place.id;
    this.thread = thread;
    const name = place.with === undefined ? `#${place.name}` : store.directory.fullName(store.directory.partner(place));
    const label = thread ? "Reply…" : `Message ${name}`;
    this.input.placeholder = label;
    this.input.setAttribute("aria-label", label);
    this.setText(store.drafts.get(key) ?? "");
  }

  setText(text) {
    this.input.value = text;
    this.hints.hide();
    this.resize();
  }

  insert(text) {
    this.focus();
    if (text === "/" && this.input.value.trim()) return;
    const gap = this.input.value && !/\s$/.test(this.input.value.slice(0, this.input.selectionStart)) && text !== "/" ? " " : "";
    this.input.setRangeText(gap + text, this.input.selectionStart, this.input.selectionEnd, "end");
    this.typed();
  }

  complete(text, from) {
    this.input.setRangeText(text, from, this.input.selectionStart, "end");
    this.typed();
  }

  typed() {
    store.drafts.set(this.key, this.input.value);
    store.errors.delete(`say|${this.key}`);
    this.resize();
    this.showStatus();
    this.suggest();
  }

  suggest() {
    this.hints.show(suggest(this.input.value, this.input.selectionStart, { commands: !this.inThread }));
  }

  resize() {
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight, TALLEST)}px`;
    this.submit.classList.toggle("ready", this.input.value.trim() !== "");
  }

  pressed(event) {
    if (event.isComposing) return;
    if (this.hints.key(event)) {
      event.preventDefault();
      event.stopPropagation();
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.send();
    }
  }

  async send() {
    const text = this.input.value.trim();
    if (!text) return;
    const key = this.key;
    const body = { user: store.directory.me, channel: this.place, text, ...(this.thread ? { thread_ts: this.thread } : {}) };
    this.setText("");
    store.drafts.delete(key);
    store.errors.delete(`say|${key}`);
    store.sending.set(key, [...(store.sending.get(key) ?? []), text]);
    changed();
    const answer = await api.say(body);
    store.sending.set(key, store.sending.get(key).filter((item, index, all) => index !== all.indexOf(text)));
    if (!answer.ok) this.giveBack(key, text, answer.error);
    await refresh();
    changed();
  }

  /**
   * A refused text is not lost: it comes back, unless something new was typed meanwhile.
   * A command that timed out may have worked, so it is not offered again; Slackbot has said so in the channel.
   */
  giveBack(key, text, error) {
    const told = text.startsWith("/") && TOLD_BY_SLACKBOT.includes(error);
    if (!told) store.errors.set(`say|${key}`, describe(error));
    if (told && error === "operation_timeout") return;
    if (store.drafts.get(key)) return;
    store.drafts.set(key, text);
    if (key === this.key) this.setText(text);
  }

  showStatus() {
    const error = store.errors.get(`say|${this.key}`);
    const sending = store.sending.get(this.key) ?? [];
    const words = error ?? (sending.length ? `${sending[0].startsWith("/") ? `Running ${sending[0].split(" ").slice(0, 2).join(" ")}` : "Sending"}…` : "");
    if (this.status.textContent === words) return;
    this.status.className = `composer-status ${error ? "failed" : sending.length ? "busy" : ""}`;
    this.status.setAttribute("role", error ? "alert" : "status");
    this.status.textContent = words;
  }
}
