// Who writes and where: people, groups, topics.

import { ask } from "./dialogs.js";
import { drawChat } from "./messages.js";
import { $, element, isPrivate, languageOf, myGroups, post, state } from "./store.js";
import { currentLanguage, t } from "./words.js";

const narrow = matchMedia("(max-width: 900px)");

export function drawPeople() {
  const users = [...state.users.values()];
  $("user-list").replaceChildren(...users.map((user) => entry({
    face: user.first_name, hue: user.id, name: user.first_name, note: noteOf(user), count: state.unread.get(user.id),
    current: user.id === state.user, choose: () => selectUser(user.id),
  })));
  fill($("user-select"), users.map((user) => [user.id, counted(user.first_name, state.unread.get(user.id))]), state.user);
  const chats = [[state.user, t("privateChat")], ...myGroups().map((group) => [group.id, group.title])];
  $("chat-list").replaceChildren(...chats.map(([id, name]) => entry({
    face: id === state.user ? "🤖" : name, hue: id, name, note: noteOfChat(id), count: id === state.user ? 0 : state.unread.get(id),
    current: id === state.chat, choose: () => selectChat(id),
  })));
  fill($("chat-select"), chats.map(([id, name]) => [id, counted(name, id === state.user ? 0 : state.unread.get(id))]), state.chat);
  $("chat-select").hidden = chats.length < 2;
  drawBar();
  drawTopics();
}

function noteOf(user) {
  const name = new Intl.DisplayNames([currentLanguage()], { type: "language" }).of(user.language_code);
  return [name, user.note].filter(Boolean).join(" · ");
}

const noteOfChat = (id) => (id === state.user ? `@${state.bot.username}` : t("members", state.groups.get(id).members.length + 1));
const counted = (name, count) => (count ? `${name} (${count})` : name);

function entry({ face, hue, name, note, count, current, choose }) {
  const item = document.createElement("li");
  const button = element("button", "", "");
  button.setAttribute("aria-current", String(current));
  button.tabIndex = current ? 0 : -1;
  const avatar = element("span", "avatar", face === "🤖" ? face : face.slice(0, 1).toUpperCase());
  avatar.style.background = `hsl(${Math.abs(hue * 67) % 360} 55% 33%)`;
  avatar.setAttribute("aria-hidden", "true");
  const names = element("span", "grow", name);
  names.append(element("small", "", note));
  button.append(avatar, names);
  if (count) button.append(element("span", "badge", String(count)));
  button.onclick = choose;
  item.append(button);
  return item;
}

function fill(select, options, chosen) {
  select.replaceChildren(...options.map(([value, text]) => {
    const option = element("option", "", text);
    option.value = value;
    option.selected = value === chosen;
    return option;
  }));
}

function drawBar() {
  const group = state.groups.get(state.chat);
  $("chat-name").textContent = group ? group.title : state.bot.first_name;
  $("bot-avatar").textContent = group ? group.title.slice(0, 1).toUpperCase() : "🤖";
  showActivity("");
}

function drawTopics() {
  const topics = Object.entries(state.topics.get(state.chat) || {});
  const forum = state.groups.get(state.chat)?.is_forum;
  $("topics").hidden = !topics.length && !forum;
  const chips = [[0, t("general")], ...topics.map(([id, name]) => [Number(id), name])].map(([id, name]) => {
    const chip = element("button", "chip", name);
    chip.setAttribute("aria-pressed", String(id === state.thread));
    chip.onclick = () => { state.thread = id; drawTopics(); drawChat(); };
    return chip;
  });
  const add = element("button", "chip", t("newTopic"));
  add.onclick = async () => {
    const name = await ask(t("topicName"));
    if (name) post("topic", { chat: state.chat, name });
  };
  $("topics").replaceChildren(...chips, add);
}

export function selectUser(id) {
  state.user = id;
  selectChat(id);
}

export function selectChat(id) {
  state.chat = id;
  state.thread = 0;
  state.unread.delete(id);
  drawPeople();
  drawChat();
  document.dispatchEvent(new CustomEvent("selected"));
  if (!narrow.matches && !$("composer").hidden) $("input").focus(); // on a phone it would bring up the keyboard
}

let timer = 0;
export function showActivity(action) {
  const group = state.groups.get(state.chat);
  const usual = group ? t("members", group.members.length + 1) : t("bot");
  $("activity").textContent = action ? t(`action.${action}`) : usual;
  clearTimeout(timer);
  if (action) timer = setTimeout(() => showActivity(""), 5000);
}

// Arrows go through a list; Tab leaves it.
for (const list of [$("user-list"), $("chat-list")]) {
  list.addEventListener("keydown", (event) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!step) return;
    const all = [...list.querySelectorAll("button")];
    const next = all[all.indexOf(event.target.closest("button")) + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
}
$("user-select").onchange = (event) => selectUser(Number(event.target.value));
$("chat-select").onchange = (event) => selectChat(Number(event.target.value));
$("add-user").onclick = async () => {
  const name = await ask(t("userName"));
  if (!name) return;
  const user = await post("user", { first_name: name, language_code: /[а-яё]/i.test(name) ? "ru" : "en" });
  if (user.id) selectUser(user.id);
};
$("add-group").onclick = async () => {
  const title = await ask(t("groupName"));
  if (!title) return;
  const members = [state.user, ...[...state.users.keys()].filter((id) => id !== state.user)];
  const group = await post("group", { title, members, forum: true });
  if (group.id) document.dispatchEvent(new CustomEvent("open", { detail: group.id }));
};

export { isPrivate, languageOf };
