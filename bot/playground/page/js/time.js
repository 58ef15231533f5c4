/** The playground's time as last heard, carried on locally at its speed. */

let heard = { now: Date.now(), at: performance.now(), speed: 1 };

export function hearClock(clock) {
  const now = Date.parse(clock.now);
  if (Number.isNaN(now)) return;
  heard = { now, at: performance.now(), speed: Number(clock.speed ?? 1) };
}

export function playgroundNow() {
  return heard.now + (performance.now() - heard.at) * heard.speed;
}
