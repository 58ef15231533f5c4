/** The same-origin calls of the page. Every answer is {ok, error?, …}; nothing here throws. */

async function request(method, path, body) {
  try {
    const response = await fetch(path, {
      method,
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: "no-store",
    });
    return await readAnswer(response);
  } catch {
    return { ok: false, error: "playground_unreachable" };
  }
}

async function readAnswer(response) {
  const answer = await response.json().catch(() => null);
  if (response.ok) return { ok: true, ...answer };
  const detail = typeof answer?.detail === "string" ? answer.detail : null;
  return { ...answer, ok: false, error: answer?.error ?? detail ?? `HTTP ${response.status} from the playground` };
}

const post = (path, body) => request("POST", `/playground/${path}`, body);

export const api = {
  state: (user) => request("GET", `/playground/state${user ? `?user=${encodeURIComponent(user)}` : ""}`),
  say: (body) => post("say", body),
  click: (body) => post("click", body),
  clickInView: (body) => post("click_in_view", body),
  submit: (body) => post("submit", body),
  close: (body) => post("close", body),
  shortcut: (body) => post("shortcut", body),
  home: (body) => post("home", body),
  react: (body) => post("react", body),
  pin: (body) => post("pin", body),
  join: (body) => post("join", body),
  read: (body) => post("read", body),
  clock: (body) => post("clock", body),
  fault: (body) => post("fault", body),
  clearFaults: () => request("DELETE", "/playground/faults"),
};
