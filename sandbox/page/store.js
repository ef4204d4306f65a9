// What the page knows of the simulator, and the calls that change it.

import { currentLanguage, t } from "./words.js";
import { toast } from "./dialogs.js";

export const state = {
  users: new Map(),     // id -> user
  groups: new Map(),    // id -> group
  topics: new Map(),    // chat -> {thread: name}
  chats: new Map(),     // chat -> Map(message_id -> message)
  unread: new Map(),    // chat -> number of messages of others not seen yet
  profile: {},          // commands_seen, descriptions, menu_buttons
  bot: null,
  user: null,           // who writes
  chat: null,           // where: the user's own number is the private chat
  thread: 0,            // 0: all topics
  calls: [],
};

export const $ = (id) => document.getElementById(id);

export function element(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text) node.textContent = text;
  return node;
}

export async function post(action, body) {
  try {
    const answer = await fetch(`/sandbox/${action}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    const said = await answer.json();
    if (answer.ok) return said;
    toast(said.error);
  } catch {
    toast(t("noAnswer"));
  }
  return {};
}

export async function get(path) {
  return (await fetch(`/sandbox/${path}`)).json();
}

// The whole state. It is asked for until it comes: without it the page would stay empty.
export async function wholeState() {
  for (;;) {
    try {
      const answer = await fetch("/sandbox/state", { signal: AbortSignal.timeout(10_000) });
      if (answer.ok) return await answer.json();
    } catch { /* the simulator is busy, or starts again */ }
    await new Promise((resolve) => { setTimeout(resolve, 1000); });
  }
}

export function take(found) {
  state.bot = found.bot;
  state.calls = found.calls;
  for (const user of found.users) state.users.set(user.id, user);
  takeChats(found);
  for (const [id, messages] of Object.entries(found.messages)) {
    state.chats.set(Number(id), new Map(messages.map((m) => [m.message_id, m])));
  }
  if (state.user === null) state.user = state.chat = (guest() || found.users[0]).id;
}

// Groups, topics and what the bot tells about itself.
export function takeChats(found) {
  state.groups = new Map(found.groups.map((group) => [group.id, group]));
  state.topics = new Map(Object.entries(found.topics).map(([id, topics]) => [Number(id), topics]));
  for (const group of found.groups) if (!state.chats.has(group.id)) state.chats.set(group.id, new Map());
  state.profile = {
    commands: found.commands_seen, descriptions: found.descriptions, menus: found.menu_buttons,
  };
}

// Somebody who speaks the viewer's language and is not the operator.
export const guest = () => [...state.users.values()].find(
  (user) => user.language_code === currentLanguage() && user.first_name !== "Ben",
);
export const isPrivate = () => state.chat === state.user;
export const myGroups = () => [...state.groups.values()].filter((group) => group.members.includes(state.user));
export const messagesHere = () => {
  const all = [...(state.chats.get(state.chat) || new Map()).values()];
  return state.thread ? all.filter((m) => m.message_thread_id === state.thread) : all;
};
export const commandsHere = () => state.profile.commands?.[state.user]?.[state.chat] || [];
export const languageOf = (user) => state.users.get(user)?.language_code || "en";

// Where the next message goes, as control calls name it.
export function place(replyTo = 0) {
  const where = {};
  if (!isPrivate()) where.chat = state.chat;
  if (state.thread) where.thread = state.thread;
  if (replyTo) where.reply_to = replyTo;
  return where;
}
