/** The app's Home tab. */
import { drawBlocks } from "./blocks.js";
import { drawAppHeader } from "./channel.js";
import { h, refill } from "./dom.js";
import { store } from "./state.js";
import { viewSurface } from "./surfaces.js";
import { FormState } from "./values.js";

const section = document.getElementById("home");
let sheet = { id: null, form: new FormState() };

function drawEmpty() {
  return h("div", { class: "home-empty" }, h("p", {}, `${store.snapshot.bot.name} has not published a Home tab for you yet.`));
}

export function renderHome(header) {
  section.hidden = false;
  refill(header, JSON.stringify(["home", Boolean(store.directory.botDm()), store.signature]), () => drawAppHeader("home"));
  const { home } = store.snapshot;
  if (home && sheet.id !== home.id) sheet = { id: home.id, form: new FormState(home.state?.values) };
  const pending = home ? [...store.pending].filter((key) => key.startsWith(`${home.id}|`)) : [];
  refill(section, JSON.stringify([home, pending, store.signature]), () =>
    home ? h("div", { class: "home-page" }, drawBlocks(home.blocks, viewSurface(home.id, sheet.form, home.blocks))) : drawEmpty(),
  );
}

export function hideHome() {
  section.hidden = true;
}
