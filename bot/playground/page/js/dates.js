/** Dates as a reader sees them: in the browser's zone, relative to the playground's time. */

const formatters = new Map();

function format(options, ms) {
  const key = JSON.stringify(options);
  if (!formatters.has(key)) formatters.set(key, new Intl.DateTimeFormat("en-US", options));
  return formatters.get(key).format(ms);
}

function dayNumber(ms) {
  const date = new Date(ms);
  return Math.round(Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / 86_400_000);
}

function ordinal(day) {
  if (day % 100 >= 11 && day % 100 <= 13) return `${day}th`;
  return `${day}${{ 1: "st", 2: "nd", 3: "rd" }[day % 10] ?? "th"}`;
}

const HALF_YEAR = 182 * 86_400_000;
const hours = new Intl.DateTimeFormat(undefined, { hour: "numeric" }).resolvedOptions();
const clockOptions = hours.hour12 ? { hour: "numeric", minute: "2-digit" } : { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };

export const timeLabel = (ms) => format(clockOptions, ms);
export const secondsLabel = (ms) => format({ ...clockOptions, second: "2-digit" }, ms);
export const weekdayLabel = (ms) => format({ weekday: "short", month: "short", day: "numeric" }, ms);

function fullDate(ms, now, { weekday = false, month = "long" } = {}) {
  const date = new Date(ms);
  const day = month === "short" ? date.getDate() : ordinal(date.getDate());
  const year = Math.abs(ms - now) > HALF_YEAR ? `, ${date.getFullYear()}` : "";
  return `${weekday ? `${format({ weekday: "long" }, ms)}, ` : ""}${format({ month }, ms)} ${day}${year}`;
}

function pretty(ms, now, otherwise) {
  return { "-1": "yesterday", 0: "today", 1: "tomorrow" }[dayNumber(ms) - dayNumber(now)] ?? otherwise;
}

export function agoLabel(ms, now) {
  const seconds = Math.round(Math.abs(now - ms) / 1000);
  const [count, unit] =
    seconds < 60 ? [seconds, "second"] : seconds < 3600 ? [Math.floor(seconds / 60), "minute"]
    : seconds < 86_400 ? [Math.floor(seconds / 3600), "hour"] : [Math.floor(seconds / 86_400), "day"];
  const amount = `${count} ${unit}${count === 1 ? "" : "s"}`;
  return ms <= now ? `${amount} ago` : `in ${amount}`;
}

const TOKENS = {
  date_num: (ms) => { const d = new Date(ms); return [d.getFullYear(), String(d.getMonth() + 1).padStart(2, "0"), String(d.getDate()).padStart(2, "0")].join("-"); },
  date: (ms, now) => fullDate(ms, now),
  date_short: (ms, now) => fullDate(ms, now, { month: "short" }),
  date_long: (ms, now) => fullDate(ms, now, { weekday: true }),
  date_pretty: (ms, now) => pretty(ms, now, fullDate(ms, now)),
  date_short_pretty: (ms, now) => pretty(ms, now, fullDate(ms, now, { month: "short" })),
  date_long_pretty: (ms, now) => pretty(ms, now, fullDate(ms, now, { weekday: true })),
  day_divider_pretty: (ms, now) => pretty(ms, now, fullDate(ms, now, { weekday: true })),
  time: timeLabel,
  time_secs: secondsLabel,
  ago: agoLabel,
};

/** A `<!date^…>` format string filled in; an unknown token stays as it was written. */
export function fillFormat(unixSeconds, template, now) {
  return template.replace(/\{(\w+)\}/g, (whole, token) => TOKENS[token]?.(unixSeconds * 1000, now) ?? whole);
}

export const dependsOnNow = (template) => /\{(ago|date\w*|day\w*)\}/.test(template);
export const isoLabel = (unixSeconds) => new Date(unixSeconds * 1000).toISOString();
export const dayKey = (ms) => dayNumber(ms);
export const tsToMs = (ts) => Number.parseFloat(ts) * 1000;

export function dayLabel(ms, now) {
  const label = pretty(ms, now, fullDate(ms, now, { weekday: true }));
  return label[0].toUpperCase() + label.slice(1);
}

export function whenLabel(ms, now) {
  return `${pretty(ms, now, fullDate(ms, now, { month: "short" }))} at ${timeLabel(ms)}`;
}

export const exactLabel = (ms) => `${format({ weekday: "long", month: "long", day: "numeric", year: "numeric" }, ms)} at ${secondsLabel(ms)}`;
