/** Line icons drawn here, 20×20. */
import { svg } from "./dom.js";

const PATHS = {
  hash: "M7.5 3.5 6 16.5M14 3.5l-1.5 13M3.5 7.5h13.5M3 12.5h13.5",
  lock: "M5 9h10v7.5H5zM7 9V6.5a3 3 0 0 1 6 0V9",
  archive: "M3.5 4h13v3.5h-13zM4.5 7.5v8.5h11V7.5M8 10.5h4",
  close: "M5 5l10 10M15 5 5 15",
  chevron: "M5.5 8l4.5 4.5L14.5 8",
  reply: "M4 4.5h12v8.5H9l-3.5 3v-3H4z",
  smile: "M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM7 11.5c1.5 2.2 4.5 2.2 6 0M7.6 8v.2M12.4 8v.2",
  more: "M10 4.6v.2M10 10v.2M10 15.4v.2",
  send: "M3.5 4 17 10 3.5 16l2-6zM5.5 10H11",
  at: "M13 10a3 3 0 1 1-6 0 3 3 0 0 1 6 0zm0 0v1.2a2 2 0 0 0 4 0V10a7 7 0 1 0-3 5.7",
  slash: "M12.5 3.5l-5 13",
  eye: "M2.5 10S5 5 10 5s7.5 5 7.5 5-2.5 5-7.5 5-7.5-5-7.5-5zM12 10a2 2 0 1 1-4 0 2 2 0 0 1 4 0z",
  bolt: "M11 2.5 4.5 11H9l-.5 6.5L15.5 9H11z",
  clock: "M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM10 6v4.2l2.8 1.8",
  check: "M4.5 10.5l3.5 3.5 7.5-8",
  warning: "M10 3.5 17.5 16.5h-15zM10 8v4M10 14.2v.2",
  pin: "M7 3.5h6l-1 5.5 2.5 2.5h-9L8 9zM10 11.5v5",
  menu: "M3.5 5.5h13M3.5 10h13M3.5 14.5h13",
};

export function icon(name, size = 18) {
  return svg(
    "svg",
    {
      viewBox: "0 0 20 20", width: size, height: size, fill: "none", stroke: "currentColor",
      "stroke-width": name === "more" ? 2.4 : 1.6, "stroke-linecap": "round", "stroke-linejoin": "round",
      class: "icon", "aria-hidden": "true",
    },
    svg("path", { d: PATHS[name] }),
  );
}
