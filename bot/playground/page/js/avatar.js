/** Squares with initials; apps get a drawn mark. */
import { h, svg } from "./dom.js";

const PALETTE = ["#b3446c", "#2f7fb8", "#3f8f5f", "#b0632c", "#7a57c2", "#2a8c8c", "#a03f3f", "#5d6d2e", "#8a4f9e", "#3d5fa8"];

export function initials(user) {
  const words = (user.real_name || user.name || "?").trim().split(/\s+/);
  const letters = words.length > 1 ? words[0][0] + words.at(-1)[0] : words[0].slice(0, 1);
  return letters.toUpperCase();
}

function colorOf(user) {
  const given = /^#?([0-9a-f]{6})$/i.exec(user.color ?? "");
  if (given) return `#${given[1]}`;
  const sum = [...user.id].reduce((total, letter) => (total * 31 + letter.charCodeAt(0)) % 9973, 7);
  return PALETTE[sum % PALETTE.length];
}

function appMark(size) {
  const bar = (x, y, height, fill) => svg("rect", { x, y, width: 5, height, rx: 1.5, fill });
  return svg("svg", { viewBox: "0 0 32 32", width: size, height: size, "aria-hidden": "true" }, bar(6, 19, 7, "#8fd3c1"), bar(13.5, 13, 13, "#f2c14e"), bar(21, 6, 20, "#f0655b"));
}

export function avatar(user, size = 36) {
  const content = user.is_bot && user.id !== "USLACKBOT" ? appMark(size) : initials(user);
  const background = user.is_bot && user.id !== "USLACKBOT" ? "#3b3568" : colorOf(user);
  return h("span", { class: "avatar", "aria-hidden": "true", css: { "--size": `${size}px`, "--color": background } }, content);
}
