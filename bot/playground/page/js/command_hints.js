/** What can follow /incident, shown while somebody types it. A word counts once the manifest's usage hint names it. */

const HINTS = [
  { word: "open", usage: "[private] [sev1] [service:] title", detail: "Open an incident" },
  { word: "list", usage: "[mine | sev1 | checkout | breached]", detail: "List open incidents" },
  { word: "show", usage: "INC-12", detail: "Show one incident" },
  { word: "why", usage: "INC-12", detail: "What happened, what is next and when" },
  { word: "ack", usage: "INC-12 [eta 20m]", detail: "Acknowledge: you take it" },
  { word: "escalate", usage: "INC-12 [to tier 2 | to payments] reason", detail: "Move it to the next tier, or to another", next: ["to "] },
  { word: "pass", usage: "INC-12", detail: "Not mine: somebody else is asked" },
  { word: "resolve", usage: "INC-12 [summary]", detail: "Resolve it" },
  { word: "reopen", usage: "INC-12 reason", detail: "Reopen it" },
  { word: "update", usage: "INC-12 [investigating | identified | monitoring] [what is new] [impact: …] [eta: 20m]", detail: "Tell the stakeholders; alone it opens a form" },
  { word: "severity", usage: "INC-12 sev2 reason", detail: "Change the severity", next: ["sev1 ", "sev2 ", "sev3 ", "sev4 "] },
  { word: "assign", usage: "INC-12 @ana", detail: "Give it to somebody", next: ["@"] },
  { word: "hold", usage: "INC-12 2h reason", detail: "Pause the resolution clock", next: ["30m ", "2h ", "until 14:00 ", "until monday "] },
  { word: "resume", usage: "INC-12", detail: "Let the clock run again" },
  { word: "still", usage: "INC-12", detail: "You are still on it" },
  { word: "note", usage: "INC-12 text", detail: "Write into the timeline" },
  { word: "cancel", usage: "INC-12 [duplicate of INC-7 | reason]", detail: "It was nothing, or a duplicate", next: ["duplicate of INC-"] },
  { word: "follow", usage: "INC-12 [@ben]", detail: "Updates reach you, or somebody else, directly" },
  { word: "unfollow", usage: "INC-12", detail: "No more of them" },
  { word: "timeline", usage: "INC-12", detail: "The whole story" },
  { word: "policy", usage: "[show | simulate sev1 checkout at sat 03:00]", detail: "The escalation policy", next: ["show", "simulate sev1 "] },
  { word: "oncall", usage: "[service]", detail: "Who is on call" },
  { word: "help", usage: "", detail: "All commands" },
];

/** The hints for a command that is described by this usage hint; all of them when it says nothing. */
export function incidentHints(usageHint) {
  const named = new Set((usageHint ?? "").match(/[a-z]+/g) ?? []);
  const known = HINTS.filter((hint) => named.has(hint.word));
  return known.length ? known : HINTS;
}
