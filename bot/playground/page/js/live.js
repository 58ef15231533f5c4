/** The websocket that says when something changed. Reconnects by itself, ever more slowly. */

const FIRST_RETRY = 300;
const LAST_RETRY = 5000;

export function listen(user, { onEvent, onStatus }) {
  let socket = null;
  let retry = FIRST_RETRY;
  let timer = null;
  let stopped = false;

  function connect() {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    socket = new WebSocket(`${scheme}//${location.host}/playground/live?user=${encodeURIComponent(user)}`);
    socket.onopen = () => {
      retry = FIRST_RETRY;
      onStatus(true);
    };
    socket.onmessage = (message) => onEvent(JSON.parse(message.data));
    socket.onclose = () => {
      if (stopped) return;
      onStatus(false);
      timer = setTimeout(connect, retry);
      retry = Math.min(retry * 2, LAST_RETRY);
    };
  }

  connect();
  return () => {
    stopped = true;
    clearTimeout(timer);
    socket.close();
  };
}
