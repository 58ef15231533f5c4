/** Who and what the ids of a snapshot stand for, as the present reader sees them. */

const SLACKBOT = { id: "USLACKBOT", name: "slackbot", real_name: "Slackbot", title: "", is_bot: true, color: "#5b5b66" };

const byId = (items) => new Map((items ?? []).map((item) => [item.id, item]));

export class Directory {
  constructor(snapshot) {
    this.me = typeof snapshot.me === "string" ? snapshot.me : snapshot.me.id;
    this.bot = snapshot.bot;
    this.users = byId(snapshot.users);
    this.groups = byId(snapshot.usergroups);
    this.channels = byId(snapshot.channels);
    this.dms = byId(snapshot.dms);
    if (!this.users.has(SLACKBOT.id)) this.users.set(SLACKBOT.id, SLACKBOT);
  }

  user(id) {
    return this.users.get(id) ?? { id, name: id ?? "unknown", real_name: id ?? "Somebody", is_bot: false, color: "#777777" };
  }

  fullName(id) {
    const user = this.user(id);
    return user.real_name || user.name;
  }

  humans() {
    return [...this.users.values()].filter((user) => !user.is_bot && user.id !== SLACKBOT.id);
  }

  group(id) {
    return this.groups.get(id) ?? null;
  }

  place(id) {
    return this.channels.get(id) ?? this.dms.get(id) ?? null;
  }

  botDm() {
    return [...this.dms.values()].find((dm) => this.partner(dm) === this.bot.user_id) ?? null;
  }

  /** Who a direct message is with; servers may say one id or several. */
  partner(dm) {
    const others = [dm.with].flat().filter((id) => id && id !== this.me);
    return others[0] ?? this.me;
  }

  isMe(id) {
    return id === this.me;
  }

  isMyGroup(id) {
    return (this.group(id)?.user_ids ?? []).includes(this.me);
  }

  /** Changes when a name that messages show changes. */
  signature() {
    const names = [...this.users.values()].map((user) => [user.id, user.real_name, user.name, user.color]);
    const rooms = [...this.channels.values()].map((channel) => [channel.id, channel.name]);
    return JSON.stringify([this.me, names, rooms, [...this.groups.values()]]);
  }
}
