/** What an error of the server means, in a sentence for the person who clicked. */

const SENTENCES = {
  operation_timeout: "The app did not answer within 3 seconds (operation_timeout).",
  not_connected: "The app is not connected, so nobody received this.",
  dispatch_failed: "The app could not be reached (dispatch_failed).",
  playground_unreachable: "The playground does not answer. Is it still running?",
  not_in_channel: "You are not in this channel.",
  user_not_in_channel: "You are not in this channel.",
  is_archived: "This channel is archived.",
  channel_not_found: "This channel does not exist.",
  message_not_found: "This message no longer exists.",
  view_not_found: "This form is already closed.",
  no_text: "Write something first.",
  msg_too_long: "This message is too long.",
  already_reacted: "You already reacted with this emoji.",
};

export function describe(error) {
  if (!error) return "It did not work, and the server did not say why.";
  const text = String(error);
  return SENTENCES[text] ?? (/^[a-z0-9_]+$/.test(text) ? `The app answered with an error: ${text}.` : text);
}
