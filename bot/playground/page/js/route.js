/** Where the reader is, kept in the address so that a reload or a second tab finds it: #/USER/CHANNEL/THREAD. */

export function readRoute() {
  const [user, place, thread] = location.hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
  return { user: user || null, place: place || null, thread: thread || null };
}

export function writeRoute(user, place, thread) {
  const parts = [user, place?.kind === "home" ? "home" : place?.id, thread].filter(Boolean).map(encodeURIComponent);
  const hash = `#/${parts.join("/")}`;
  if (location.hash !== hash) history.replaceState(null, "", hash);
}

/** A permalink's channel and message, whatever its host: …/archives/C123/p1700000000000100?thread_ts=… */
export function parsePermalink(href) {
  const match = /\/archives\/([A-Z0-9]+)\/p(\d+)(\d{6})(?:\?(.*))?$/.exec(href);
  if (!match) return null;
  const thread = new URLSearchParams(match[4] ?? "").get("thread_ts");
  return { channel: match[1], ts: `${match[2]}.${match[3]}`, thread };
}
