/** The playground's time, and the buttons that hurry it. */
import { api } from "./api.js";
import { secondsLabel, weekdayLabel } from "./dates.js";
import { h, refill } from "./dom.js";
import { icon } from "./icons.js";
import { describe } from "./errors.js";
import { hearSpeed, store } from "./state.js";
import { refresh } from "./sync.js";
import { playgroundNow } from "./time.js";
import { toast } from "./toast.js";

const SPEEDS = [1, 10, 60, 300];
const STEPS = [["+1 min", 60], ["+5 min", 300], ["+1 h", 3600]];
const bar = document.getElementById("clock");

async function change(body) {
  const answer = await api.clock(body);
  if (!answer.ok) toast(`The clock did not change: ${describe(answer.error)}`);
  else if (answer.clock ?? answer.now) hearSpeed(answer.clock ?? { now: answer.now, speed: answer.speed });
  await refresh();
}

function speedButton(speed, current) {
  const on = speed === current;
  return h("button", { type: "button", class: "speed", "aria-pressed": String(on), title: `${speed} playground seconds per second`, data: { key: `speed/${speed}`, speed }, on: { click: () => change({ speed }) } }, `${speed}×`);
}

function stepButton([label, seconds]) {
  return h("button", { type: "button", class: "step", title: `Let ${label.slice(1)} pass at once`, data: { key: `step/${seconds}`, advance: seconds }, on: { click: () => change({ advance_seconds: seconds }) } }, label);
}

function draw() {
  const { adjustable, speed } = store.snapshot.clock;
  const face = h("span", { class: "clock-face", title: "The time in this local Slack" }, icon("clock", 16), h("span", { class: "clock-day" }), h("span", { class: "clock-time" }));
  if (!adjustable) return [face];
  return [
    face,
    h("span", { class: "segmented", role: "group", "aria-label": "Speed" }, SPEEDS.map((item) => speedButton(item, Number(speed)))),
    h("span", { class: "segmented", role: "group", "aria-label": "Let time pass" }, STEPS.map(stepButton)),
  ];
}

export function tickClock() {
  if (!store.snapshot) return;
  const now = playgroundNow();
  const [day, time] = [bar.querySelector(".clock-day"), bar.querySelector(".clock-time")];
  if (!day) return;
  if (day.textContent !== weekdayLabel(now)) day.textContent = weekdayLabel(now);
  if (time.textContent !== secondsLabel(now)) time.textContent = secondsLabel(now);
}

export function renderClock() {
  const { adjustable, speed } = store.snapshot.clock;
  bar.classList.toggle("hurried", Number(speed) > 1);
  refill(bar, JSON.stringify([adjustable, speed]), draw);
  tickClock();
}
