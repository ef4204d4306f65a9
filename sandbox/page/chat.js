// The chat page: shows what /sandbox/state says, follows /sandbox/events, acts by POST.

import { alertWindow, toast } from "./dialogs.js";
import { added, changed, drawChat, removed } from "./messages.js";
import { drawPeople, selectChat, showActivity } from "./people.js";
import { drawChips, drawMenuButton, redrawComposer, showInline } from "./composer.js";
import { addCall, drawCalls, watchInstance } from "./panel.js";
import { stageEvent, startStage } from "./stage.js";
import { $, state, take, takeChats, wholeState } from "./store.js";
import { currentLanguage, setLanguage, t, translate } from "./words.js";

const narrow = matchMedia("(max-width: 900px)");

function draw() {
  drawPeople();
  redrawComposer();
  drawCalls();
}

async function reloadChats() {
  takeChats(await wholeState());
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
  call(event) { state.calls.push(event); addCall(event); },
  stage: stageEvent,
};

// First the stream, then the state: what happens meanwhile waits, and is shown unless the state
// knows it. So it is each time the stream comes back.
function follow() {
  const stream = new EventSource("/sandbox/events");
  let early = [];   // events that wait for the state; null: it is here
  let known = 0;    // the number of the last event that the state knows
  let opened = 0;
  const show = ([number, event]) => { if (number > known) live[event.type]?.(event); };
  stream.onmessage = (message) => {
    const news = [Number(message.lastEventId), JSON.parse(message.data)];
    if (early) early.push(news);
    else show(news);
  };
  stream.onopen = async () => {
    opened += 1;
    const mine = opened;
    early = [];
    const found = await wholeState();
    if (mine !== opened) return; // the stream has come back once more
    take(found);
    known = found.told;
    draw();
    const waited = early;
    early = null;
    waited.forEach(show);
    startStage();
  };
  // The browser connects again by itself, except after an answer that is no stream.
  stream.onerror = () => { if (stream.readyState === EventSource.CLOSED) setTimeout(follow, 1000); };
}

// ------------------------------------------------------------------- the page --

function showLanguage() {
  $("language").textContent = currentLanguage() === "ru" ? "EN" : "RU";
  document.title = t("messages");
}

$("language").onclick = () => {
  setLanguage(currentLanguage() === "ru" ? "en" : "ru");
  showLanguage();
  if (!state.bot) return; // nothing is drawn yet
  draw();
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
follow();
watchInstance();
