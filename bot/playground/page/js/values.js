/** The state values of input elements, in the shape Slack puts into `view.state.values`. */

const TEXT = ["plain_text_input", "email_text_input", "url_text_input", "number_input"];

/** element type → [field of the state, field of the element that holds the initial value, value when there is none] */
const FIELDS = {
  ...Object.fromEntries(TEXT.map((type) => [type, ["value", "initial_value", null]])),
  rich_text_input: ["rich_text_value", "initial_value", null],
  static_select: ["selected_option", "initial_option", null],
  external_select: ["selected_option", "initial_option", null],
  radio_buttons: ["selected_option", "initial_option", null],
  checkboxes: ["selected_options", "initial_options", []],
  multi_static_select: ["selected_options", "initial_options", []],
  users_select: ["selected_user", "initial_user", null],
  multi_users_select: ["selected_users", "initial_users", []],
  channels_select: ["selected_channel", "initial_channel", null],
  multi_channels_select: ["selected_channels", "initial_channels", []],
  conversations_select: ["selected_conversation", "initial_conversation", null],
  multi_conversations_select: ["selected_conversations", "initial_conversations", []],
  datepicker: ["selected_date", "initial_date", null],
  timepicker: ["selected_time", "initial_time", null],
  datetimepicker: ["selected_date_time", "initial_date_time", null],
};

export const isStateful = (element) => element.type in FIELDS;
export const isText = (element) => TEXT.includes(element.type);

export function initialState(element) {
  const [field, initial, none] = FIELDS[element.type];
  return { type: element.type, [field]: element[initial] ?? none };
}

export const stateOf = (element, value) => ({ type: element.type, [FIELDS[element.type][0]]: value });
export const valueOf = (element, state) => state[FIELDS[element.type][0]];

export function isEmpty(element, state) {
  const value = valueOf(element, state);
  return value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0);
}

export function elementsOf(block) {
  return [block.element, block.accessory, ...(block.type === "actions" ? (block.elements ?? []) : [])].filter(Boolean);
}

/** What the reader chose and typed on one message or view, until it is replaced. */
export class FormState {
  #values = new Map();
  #known;

  /** `known`: what the server already holds, as `state.values`; it survives a reload of the page. */
  constructor(known = {}) {
    this.#known = known;
  }

  #key(block, element) {
    return `${block.block_id}\n${element.action_id}`;
  }

  get(block, element) {
    const known = this.#known[block.block_id]?.[element.action_id];
    return this.#values.get(this.#key(block, element)) ?? (known?.type === element.type ? known : initialState(element));
  }

  set(block, element, state) {
    this.#values.set(this.#key(block, element), state);
  }

  collect(blocks) {
    const values = {};
    for (const block of blocks) {
      for (const element of elementsOf(block).filter(isStateful)) {
        (values[block.block_id] ??= {})[element.action_id] = this.get(block, element);
      }
    }
    return values;
  }
}

/** What a form says itself, before the app is asked: {block_id: sentence}. */
export function checkRequired(blocks, form) {
  const errors = {};
  for (const block of blocks.filter((item) => item.type === "input")) {
    const element = block.element;
    if (!isStateful(element)) continue;
    const state = form.get(block, element);
    const text = isText(element) ? (valueOf(element, state) ?? "") : "";
    if (isEmpty(element, state)) {
      if (!block.optional) errors[block.block_id] = "Please complete this required field.";
    } else if (text && element.min_length && text.length < element.min_length) {
      errors[block.block_id] = `Please write at least ${element.min_length} characters.`;
    } else if (text && element.max_length && text.length > element.max_length) {
      errors[block.block_id] = `Please write at most ${element.max_length} characters.`;
    }
  }
  return errors;
}
