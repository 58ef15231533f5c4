/** What the page knows: the server's last snapshot and the reader's own place, drafts and pending clicks. */
import { Directory } from "./directory.js";
import { hearClock } from "./time.js";

export const store = {
  snapshot: null,
  directory: null,
  signature: "",
  online: true,
  failure: null,
  place: { kind: "none", id: null },
  thread: null,
  highlighted: null,
  pending: new Set(),
  errors: new Map(),
  picked: new Map(),
  drafts: new Map(),
  sending: new Map(),
  newSince: new Map(),
};

const listeners = [];
let announced = false;

export function onChange(listener) {
  listeners.push(listener);
}

/** Renders soon; many changes in one turn are one rendering. */
export function changed() {
  if (announced) return;
  announced = true;
  queueMicrotask(() => {
    announced = false;
    for (const listener of listeners) listener();
  });
}

export function hearSnapshot(snapshot) {
  store.snapshot = snapshot;
  store.directory = new Directory(snapshot);
  store.signature = store.directory.signature();
  store.failure = null;
  hearClock(snapshot.clock);
  changed();
}

export function hearSpeed(clock) {
  hearClock(clock);
  if (store.snapshot) store.snapshot.clock = { ...store.snapshot.clock, ...clock };
  changed();
}

export function currentPlace() {
  return store.directory?.place(store.place.id) ?? null;
}

/** Runs an act and shows in the page that it is under way, and what went wrong. */
export async function track(key, errorKey, act) {
  store.pending.add(key);
  store.errors.delete(errorKey);
  changed();
  const answer = await act();
  store.pending.delete(key);
  changed();
  return answer;
}
