/** Going to a channel, a thread, a message, the Home tab, or being somebody else. */
import { api } from "./api.js";
import { writeRoute } from "./route.js";
import { changed, store } from "./state.js";
import { toast } from "./toast.js";
import { describe } from "./errors.js";
import { inChannelView } from "./conversation.js";

function remember() {
  writeRoute(store.directory.me, store.place, store.thread);
  changed();
}

/** The first message that was unread when the reader came in; the "New" line stands above it. */
function firstUnread(place) {
  const count = place?.unread?.count ?? 0;
  if (!count) return null;
  const others = place.messages.filter((message) => inChannelView(message) && message.user !== store.directory.me);
  return others.at(-count)?.ts ?? others[0]?.ts ?? null;
}

export function goToChannel(id, { thread = null, highlight = null } = {}) {
  const moved = store.place.kind !== "channel" || store.place.id !== id;
  store.place = { kind: "channel", id };
  store.thread = thread;
  store.highlighted = highlight;
  if (moved) store.newSince = new Map([[id, firstUnread(store.directory.place(id))]]);
  remember();
}

export function goToMessage(channel, ts, thread) {
  const inThread = thread && thread !== ts;
  goToChannel(channel, { thread: inThread ? thread : null, highlight: ts });
}

export async function goHome() {
  store.place = { kind: "home", id: null };
  store.thread = null;
  remember();
  const answer = await api.home({ user: store.directory.me });
  if (!answer.ok) toast(`The Home tab could not be asked for: ${describe(answer.error)}`);
}

export function openThread(ts) {
  store.thread = ts;
  remember();
}

export function closeThread() {
  store.thread = null;
  remember();
}
