/** A scrolling list of messages: grouped by author, cut by day, kept at the bottom or where the reader is. */
import { isReply } from "./conversation.js";
import { dayKey, dayLabel, tsToMs } from "./dates.js";
import { h, reconcile } from "./dom.js";
import { drawMessage } from "./message.js";
import { store } from "./state.js";
import { messageKey } from "./surfaces.js";
import { playgroundNow } from "./time.js";

const WINDOW = 150;
const NEAR = 60;
const GROUPED_WITHIN = 5 * 60_000;

function pendingOf(key) {
  return [...store.pending].filter((item) => item.startsWith(`${key}|`)).join();
}

/** A card stands alone: with its avatar and time it is found again. */
const isCard = (message) => (message.blocks ?? []).some((block) => block.type === "header" || block.type === "actions");

function groups(previous, message) {
  return (
    previous && !isCard(message) && previous.user === message.user && !previous.ephemeral && !message.ephemeral && !previous.deleted && !message.deleted &&
    !message.broadcast && !previous.broadcast && tsToMs(message.ts) - tsToMs(previous.ts) < GROUPED_WITHIN
  );
}

function divider(key, label, kind = "") {
  return { key, hash: label, build: () => h("div", { class: `day ${kind}`, role: "separator", "aria-label": label }, h("span", {}, label)) };
}

export class MessageList {
  constructor(scroller, { inThread = false } = {}) {
    this.scroller = scroller;
    this.inThread = inThread;
    this.rows = h("div", { class: "rows" });
    this.jump = h("button", { type: "button", class: "jump", hidden: true, on: { click: () => this.toBottom() } }, "New messages ↓");
    this.stick = true;
    this.place = null;
    scroller.append(this.rows, this.jump);
    scroller.addEventListener("scroll", () => this.scrolled(), { passive: true });
    new ResizeObserver(() => this.stick && this.toBottom()).observe(this.rows);
    new ResizeObserver(() => this.stick && this.toBottom()).observe(scroller);
  }

  get atBottom() {
    return this.scroller.scrollHeight - this.scroller.scrollTop - this.scroller.clientHeight < NEAR;
  }

  scrolled() {
    this.stick = this.atBottom;
    if (this.stick) this.jump.hidden = true;
    if (this.content && this.hidden > 0 && this.scroller.scrollTop < 200) this.showMore();
    this.onScroll?.();
  }

  toBottom() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.stick = true;
    this.jump.hidden = true;
  }

  showMore() {
    const before = this.scroller.scrollHeight - this.scroller.scrollTop;
    this.window += WINDOW;
    this.draw();
    this.scroller.scrollTop = this.scroller.scrollHeight - before;
  }

  /** messages: what this list shows, oldest first; threads: reply summaries by parent. */
  show(place, id, { messages, threads = new Map(), intro = null, after = null }) {
    const moved = this.place !== id;
    if (moved) {
      this.place = id;
      this.window = WINDOW;
      this.stick = true;
    }
    const grown = !moved && messages.at(-1)?.ts !== this.content?.messages.at(-1)?.ts;
    this.content = { place, messages, threads, intro, after };
    this.draw();
    if (this.stick) this.toBottom();
    else if (grown && messages.at(-1)?.user !== store.directory.me) this.jump.hidden = false;
    else if (grown) this.toBottom();
    this.goToHighlighted();
  }

  clear() {
    this.place = null;
    this.content = null;
    this.rows.replaceChildren();
  }

  draw() {
    const { messages } = this.content;
    const wanted = store.highlighted ? messages.findIndex((message) => message.ts === store.highlighted) : -1;
    if (wanted >= 0) this.window = Math.max(this.window, messages.length - wanted + 10);
    this.hidden = Math.max(0, messages.length - this.window);
    reconcile(this.rows, this.wantedRows());
  }

  wantedRows() {
    const { messages, intro, after } = this.content;
    const rows = [];
    if (this.hidden) rows.push(this.earlierRow());
    else if (intro) rows.push(intro);
    const now = playgroundNow();
    let previous = null;
    messages.slice(this.hidden).forEach((message, index) => {
      const ms = tsToMs(message.ts);
      if (!this.inThread && (!previous || dayKey(tsToMs(previous.ts)) !== dayKey(ms))) {
        rows.push(divider(`day-${dayKey(ms)}`, dayLabel(ms, now)));
        previous = null;
      }
      if (!this.inThread && store.newSince.get(this.content.place.id) === message.ts) rows.push(divider("new", "New", "new"));
      rows.push(this.messageRow(message, groups(previous, message)));
      if (after && index === 0 && !this.hidden) {
        rows.push(after);
        previous = null;
      } else previous = message;
    });
    return rows;
  }

  earlierRow() {
    const build = () => h("button", { type: "button", class: "earlier", on: { click: () => this.showMore() } }, `Show earlier messages (${this.hidden})`);
    return { key: "earlier", hash: String(this.hidden), build };
  }

  messageRow(message, compact) {
    const { place, threads } = this.content;
    const key = messageKey(place.id, message.ts);
    const thread = isReply(message) ? null : (threads.get(message.ts) ?? null);
    const highlighted = store.highlighted === message.ts;
    const hash = JSON.stringify([message, compact, thread, highlighted, pendingOf(key), store.errors.get(key), store.signature]);
    return { key, hash, build: () => drawMessage(place, message, { compact, thread, inThread: this.inThread, highlighted }) };
  }

  goToHighlighted() {
    if (!store.highlighted || this.reached === store.highlighted) return;
    const node = this.rows.querySelector(`[data-ts="${CSS.escape(store.highlighted)}"]`);
    if (!node) return;
    this.reached = store.highlighted;
    this.stick = false;
    node.scrollIntoView({ block: "center" });
  }
}
