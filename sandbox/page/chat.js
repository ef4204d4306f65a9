// The chat page: shows what /sandbox/state says, follows /sandbox/events, acts by POST.

import { alertWindow, toast } from "./dialogs.js";
import { added, changed, drawChat, removed } from "./messages.js";
import { drawPeople, selectChat, showActivity } from "./people.js";
import { drawChips, drawMenuButton, redrawComposer, showInline } from "./composer.js";
import { addCall, drawCalls, watchInstance } from "./panel.js";
import { stageEvent, startStage } from "./stage.js";
import { $, get, load, state, takeChats } from "./store.js";
import { currentLanguage, setLanguage, t, translate } from "./words.js";

const narrow = matchMedia("(max-width: 900px)");

async function refresh() {
  await load();
  drawPeople();
  redrawComposer();
  drawCalls();
}

async function reloadChats() {
  takeChats(await get("state"));
  drawPeople();
  drawChips();
  drawMenuButton();
  if (document.querySelector("#log .empty")) drawChat();
}

// --------------------------------------------------------------------- live --

const live = {
  user(event) {
    state.users.set(event.user.id, event.user);
    if (!state.chats.has(event.user.id)) state.chats.set(event.user.id, new Map());
    reloadChats();
  },
  chats: reloadChats,
  profile: reloadChats,
  message(event) {
    if (!state.chats.has(event.chat_id)) state.chats.set(event.chat_id, new Map());
    state.chats.get(event.chat_id).set(event.message.message_id, event.message);
    if (event.chat_id === state.chat) {
      if (event.message.from.is_bot) showActivity("");
      added(event.message);
    } else if (event.message.from.id !== state.user) {
      state.unread.set(event.chat_id, (state.unread.get(event.chat_id) || 0) + 1);
      drawPeople();
    }
  },
  edit(event) {
    state.chats.get(event.chat_id).set(event.message.message_id, event.message);
    if (event.chat_id === state.chat) changed(event.message);
  },
  delete(event) {
    state.chats.get(event.chat_id).delete(event.message_id);
    if (event.chat_id === state.chat) removed(event.message_id);
  },
  action(event) {
    const here = event.chat_id === state.chat && (!state.thread || !event.thread || event.thread === state.thread);
    if (here) showActivity(event.action);
  },
  toast(event) {
    if (event.chat_id !== state.chat) return;
    for (const button of document.querySelectorAll(".waiting")) button.classList.remove("waiting");
    if (event.text) (event.alert ? alertWindow : toast)(event.text);
  },
  inline(event) { if (event.user === state.user) showInline(event.query); },
  call: addCall,
  stage: stageEvent,
};

function follow() {
  const stream = new EventSource("/sandbox/events");
  let lost = false;
  stream.onmessage = (message) => {
    const event = JSON.parse(message.data);
    live[event.type]?.(event);
  };
  stream.onerror = () => { lost = true; };
  // What happened while the stream was away is in the state.
  stream.onopen = () => { if (lost) { lost = false; refresh(); startStage(); } };
}

// ------------------------------------------------------------------- the page --

function showLanguage() {
  $("language").textContent = currentLanguage() === "ru" ? "EN" : "RU";
  document.title = t("messages");
}

$("language").onclick = async () => {
  setLanguage(currentLanguage() === "ru" ? "en" : "ru");
  showLanguage();
  await refresh();
  startStage();
};
$("panel-toggle").onclick = () => {
  const hidden = document.body.classList.toggle("no-panel");
  $("panel-toggle").setAttribute("aria-expanded", String(!hidden));
};
document.addEventListener("open", async ({ detail }) => { await reloadChats(); selectChat(detail); });

if (narrow.matches) $("panel-toggle").click();
translate();
showLanguage();
refresh().then(follow);
watchInstance();
startStage();
