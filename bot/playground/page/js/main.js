/** Wires the page: who reads, what changed, which keys do what. */
import { renderAccount, switching } from "./account.js";
import { hideChannel, renderChannel } from "./channel.js";
import { renderClock, tickClock } from "./clockbar.js";
import { Composer } from "./composer.js";
import { closeFaults, faultsOpen, renderFaults } from "./faults.js";
import { hideHome, renderHome } from "./home.js";
import { listen } from "./live.js";
import { closeMenu, menuIsOpen } from "./menu.js";
import { refreshDates } from "./mentions.js";
import { renderModal } from "./modal.js";
import { closeThread, goHome, goToChannel, goToMessage } from "./navigation.js";
import { renderNotices, waitingCards } from "./notices.js";
import { parsePermalink, readRoute, writeRoute } from "./route.js";
import { renderSidebar } from "./sidebar.js";
import { changed, currentPlace, hearSpeed, onChange, store } from "./state.js";
import { readAs, refresh, refreshSoon } from "./sync.js";
import { renderThread } from "./thread.js";

const placeHeader = document.getElementById("place");
const composer = new Composer(document.getElementById("composer"));
let stopListening = () => {};

/** Where a reader starts: the address, else where something waits, else where the app wrote, else the first channel. */
function choosePlace(route) {
  if (route.place === "home") return goHome();
  if (store.directory.place(route.place)) return goToChannel(route.place, { thread: route.thread });
  const mine = store.snapshot.channels.filter((channel) => channel.is_member && !channel.is_archived);
  const latest = (channel) => Number(channel.messages.at(-1)?.ts ?? 0);
  const waiting = waitingCards().map((item) => item.channel).filter((channel) => mine.includes(channel)).sort((one, other) => latest(other) - latest(one));
  const start = waiting[0] ?? mine.find((channel) => channel.unread?.mentions) ?? mine.find((channel) => channel.bot_is_member && channel.messages.length) ?? mine.find((channel) => channel.bot_is_member) ?? mine[0];
  if (start) goToChannel(start.id);
}

/** Somebody who cannot see the place where the last reader was starts elsewhere. */
function settlePlace() {
  if (store.place.kind === "home") return;
  const place = currentPlace();
  if (place && !(place.is_private && place.is_member === false)) return;
  choosePlace(store.place.kind === "none" ? readRoute() : {});
}

function title() {
  const places = [...store.snapshot.channels, ...(store.snapshot.dms ?? [])];
  const mentions = places.reduce((sum, place) => sum + (place.unread?.mentions ?? 0), 0);
  const here = store.place.kind === "home" ? store.snapshot.bot.name : currentPlace()?.name;
  return `${mentions ? `(${mentions}) ` : ""}${here ? `${here} – ` : ""}local Slack`;
}

function render() {
  if (!store.snapshot) return;
  settlePlace();
  document.body.classList.add("ready");
  renderAccount();
  renderClock();
  renderSidebar();
  renderNotices();
  const place = currentPlace();
  if (store.place.kind === "home") {
    hideChannel();
    composer.hide();
    renderHome(placeHeader);
  } else if (place) {
    hideHome();
    composer.show(place);
    renderChannel(placeHeader);
  }
  renderThread();
  renderModal();
  renderFaults();
  document.title = title();
}

function hear(event) {
  if (event.clock) hearSpeed(event.clock);
  if (event.rev !== undefined && event.rev === store.snapshot?.rev) return;
  refreshSoon();
}

function follow(user) {
  stopListening();
  stopListening = listen(user, {
    onEvent: hear,
    onStatus: (online) => {
      const back = online && !store.online;
      store.online = online;
      changed();
      if (back) refresh();
    },
  });
}

async function become(user) {
  closeMenu();
  store.thread = null;
  store.highlighted = null;
  store.newSince = new Map();
  readAs(user);
  const answer = await refresh();
  if (!answer.ok) return;
  writeRoute(store.directory.me, store.place, store.thread);
  follow(store.directory.me);
  if (store.place.kind === "home") goHome();
}

function followLink(event) {
  const link = event.target.closest("a");
  if (!link || event.metaKey || event.ctrlKey) return;
  const permalink = parsePermalink(link.getAttribute("href") ?? "");
  if (link.dataset.goto) goToChannel(link.dataset.goto);
  else if (permalink && store.directory.place(permalink.channel)) goToMessage(permalink.channel, permalink.ts, permalink.thread);
  else return;
  event.preventDefault();
}

function escape(event) {
  if (event.key !== "Escape" || event.defaultPrevented || menuIsOpen() || document.querySelector("dialog[open]")) return;
  if (faultsOpen()) closeFaults();
  else if (store.thread) {
    closeThread();
    composer.focus();
  }
}

/** Typing anywhere writes into the composer, as people expect. */
function typeIntoComposer(event) {
  if (event.key.length !== 1 || event.key === " " || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (menuIsOpen() || document.querySelector("dialog[open]") || event.target.closest("input, textarea, select, #faults, #thread")) return;
  composer.focus();
}

async function start() {
  readAs(readRoute().user);
  let answer = await refresh();
  if (!answer.ok && readRoute().user) {
    readAs(null);
    answer = await refresh();
  }
  if (!answer.ok) {
    document.body.classList.add("unreachable");
    setTimeout(start, 1000);
    return;
  }
  document.body.classList.remove("unreachable");
  readAs(store.directory.me);
  follow(store.directory.me);
  queueMicrotask(() => composer.focus());
}

switching.to = become;
onChange(render);
document.addEventListener("click", followLink);
document.addEventListener("keydown", escape);
document.addEventListener("keydown", typeIntoComposer);
addEventListener("hashchange", () => {
  const route = readRoute();
  if (!store.directory) return;
  if (route.user && route.user !== store.directory.me) become(route.user).then(() => choosePlace(route));
  else choosePlace(route);
});
setInterval(tickClock, 200);
setInterval(() => store.snapshot && refreshDates(document.body), 1000);
start();
