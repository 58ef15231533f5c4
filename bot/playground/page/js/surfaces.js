/** Where blocks live: a message of a channel, or a view. Each sends its clicks to its own door of the server. */
import { api } from "./api.js";
import { describe } from "./errors.js";
import { store, track } from "./state.js";
import { refresh } from "./sync.js";
import { toast } from "./toast.js";
import { FormState } from "./values.js";

const pendingKey = (place, block, element) => `${place}|${block.block_id}|${element.action_id}`;
export const messageKey = (channel, ts) => `${channel}|${ts}`;

/** The choices made on a message stay until its blocks are replaced. */
function pickedOn(key, blocks) {
  const content = JSON.stringify(blocks);
  const known = store.picked.get(key);
  if (known?.content === content) return known.form;
  const form = new FormState();
  store.picked.set(key, { content, form });
  return form;
}

function bodyOf(block, element, { value, state }) {
  return { block_id: block.block_id, action_id: element.action_id, value, selected: state };
}

export function messageSurface(channel, message, blocks) {
  const key = messageKey(channel, message.ts);
  return {
    form: pickedOn(key, blocks),
    isPending: (block, element) => store.pending.has(pendingKey(key, block, element)),
    act: (block, element, action) =>
      track(pendingKey(key, block, element), key, async () => {
        const answer = await api.click({ user: store.directory.me, channel, ts: message.ts, ...bodyOf(block, element, action) });
        if (!answer.ok) store.errors.set(key, describe(answer.error));
        await refresh();
        return answer;
      }),
  };
}

export function viewSurface(viewId, form, blocks, { errors = null, onError = toast } = {}) {
  return {
    form,
    errors,
    isPending: (block, element) => store.pending.has(pendingKey(viewId, block, element)),
    act: (block, element, action) =>
      track(pendingKey(viewId, block, element), viewId, async () => {
        const body = { user: store.directory.me, view_id: viewId, ...bodyOf(block, element, action), values: form.collect(blocks) };
        const answer = await api.clickInView(body);
        if (!answer.ok) onError(describe(answer.error));
        await refresh();
        return answer;
      }),
  };
}
