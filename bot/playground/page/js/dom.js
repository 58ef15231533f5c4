/** DOM building and keyed reuse. Text always becomes a text node; nothing here parses HTML. */

const SVG = "http://www.w3.org/2000/svg";
const rows = new WeakMap();

function setProperty(node, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name === "on") for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
  else if (name === "data") for (const [key, item] of Object.entries(value)) item != null && (node.dataset[key] = item);
  else if (name === "css") for (const [key, item] of Object.entries(value)) node.style.setProperty(key, item);
  else if (name === "value") node.value = value;
  else node.setAttribute(name, value === true ? "" : String(value));
}

function append(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child);
  }
}

export function h(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  append(node, children);
  for (const [name, value] of Object.entries(properties)) setProperty(node, name, value);
  return node;
}

export function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  append(node, children);
  return node;
}

export function fragment(...children) {
  const node = document.createDocumentFragment();
  append(node, children);
  return node;
}

/** A path from the focused element's own keys, so that focus can be found again in a rebuilt node. */
function focusKey(node) {
  const focused = document.activeElement;
  if (!focused || focused === document.body || !node.contains(focused)) return null;
  const keyed = focused.closest("[data-key]");
  if (!keyed || !node.contains(keyed)) return null;
  return { key: keyed.dataset.key, start: focused.selectionStart, end: focused.selectionEnd };
}

function giveFocusBack(node, focus) {
  const again = node.querySelector(`[data-key="${CSS.escape(focus.key)}"]`);
  if (!again) return;
  again.focus({ preventScroll: true });
  if (focus.start != null && again.setSelectionRange) again.setSelectionRange(focus.start, focus.end);
}

/** Makes the container's children be these rows ({key, hash, build}), touching only the ones that changed. */
export function reconcile(container, wanted) {
  const known = new Map();
  for (const node of container.children) known.set(rows.get(node)?.key ?? node, node);
  const kept = new Set(wanted.map((row) => row.key));
  for (const [key, node] of known) if (!kept.has(key)) node.remove();
  let cursor = container.firstChild;
  for (const row of wanted) {
    const old = known.get(row.key);
    if (old && rows.get(old).hash === row.hash) {
      if (old === cursor) cursor = cursor.nextSibling;
      else container.insertBefore(old, cursor);
      continue;
    }
    const fresh = row.build();
    rows.set(fresh, { key: row.key, hash: row.hash });
    if (!old) {
      container.insertBefore(fresh, cursor);
      continue;
    }
    const focus = focusKey(old);
    if (old === cursor) cursor = cursor.nextSibling;
    old.replaceWith(fresh);
    if (fresh.nextSibling !== cursor) container.insertBefore(fresh, cursor);
    if (focus) giveFocusBack(fresh, focus);
  }
}

/** Rebuilds the container's content only when its hash changed; keeps focus where it was. */
export function refill(container, hash, build) {
  if (rows.get(container)?.hash === hash) return false;
  rows.set(container, { key: null, hash });
  const focus = focusKey(container);
  container.replaceChildren(...[build()].flat(Infinity).filter(Boolean));
  if (focus) giveFocusBack(container, focus);
  return true;
}
