/** Fetches the snapshot: one request at a time, at most one waiting behind it. */
import { api } from "./api.js";
import { changed, hearSnapshot, store } from "./state.js";

const DEBOUNCE = 50;
let wantedUser = null;
let running = null;
let waiting = null;
let timer = null;

export function readAs(user) {
  wantedUser = user;
}

async function load() {
  const user = wantedUser;
  const answer = await api.state(user);
  if (user !== wantedUser) return load();
  if (answer.ok) hearSnapshot(answer);
  else {
    store.failure = answer.error;
    changed();
  }
  return answer;
}

/** Resolves with a state that was fetched after this call. */
export function refresh() {
  if (!running) {
    running = load().finally(() => {
      running = null;
    });
    return running;
  }
  waiting ??= running.then(() => {
    waiting = null;
    return refresh();
  });
  return waiting;
}

export function refreshSoon() {
  timer ??= setTimeout(() => {
    timer = null;
    refresh();
  }, DEBOUNCE);
}
