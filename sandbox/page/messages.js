// The messages of the chat that is open: drawn, followed, reached by keyboard.

import { invoice, keyboard, media, rich, styled, textOfRich } from "./parts.js";
import { $, element, isPrivate, messagesHere, state } from "./store.js";
import { clock, t } from "./words.js";

let following = true;  // whether the end of the chat is in view
let missed = 0;        // messages that came while it was not

export const wordsOf = (m) => m.text ?? m.caption ?? (m.rich_message ? textOfRich(m.rich_message) : "");
const mine = (m) => m.from.id === state.user;
const sameAlbum = (one, other) => one.media_group_id !== undefined && one.media_group_id === other.media_group_id;
// The messages of one album, or one message alone.
const albumOf = (message) => messagesHere().filter((m) => m.message_id === message.message_id || sameAlbum(m, message));

export function drawChat() {
  const groups = [];
  for (const message of messagesHere()) {
    const last = groups.at(-1);
    if (last && sameAlbum(last[0], message)) last.push(message);
    else groups.push([message]);
  }
  $("log").replaceChildren(...groups.map(drawMessage));
  const fresh = isPrivate() && !groups.length;
  if (fresh) $("log").append(welcome());
  else if (!groups.length) $("log").append(element("p", "empty", t("empty")));
  $("start").hidden = !fresh;
  $("composer").hidden = fresh;
  scrollDown();
  rove();
}

// What Telegram shows before the first message.
function welcome() {
  const box = element("div", "empty", "");
  const told = state.profile.descriptions || {};
  const code = state.users.get(state.user)?.language_code;
  box.append(element("strong", "", t("what")), element("p", "", told[code] || told[""] || state.bot.first_name));
  return box;
}

function drawMessage(messages) {
  const message = messages[0];
  const service = serviceText(message);
  if (service) {
    const line = element("p", "service", service);
    line.id = `m${message.message_id}`;
    return line;
  }
  const node = element("article", "message" + (mine(message) ? " mine" : ""));
  node.id = `m${message.message_id}`;
  node.tabIndex = -1;
  node.dataset.ids = messages.map((m) => m.message_id).join(" ");
  const bubble = element("div", "bubble");
  bubble.append(...heading(message));
  const pictures = messages.flatMap(media);
  if (messages.length > 1 && messages.every((m) => m.photo || m.video)) {
    const grid = element("div", "album");
    grid.dataset.count = pictures.length;
    grid.append(...pictures);
    bubble.append(grid);
  } else {
    bubble.append(...pictures);
  }
  if (message.invoice) bubble.append(invoice(message));
  if (message.rich_message) bubble.append(rich(message.rich_message));
  for (const said of messages.filter((m) => (m.text ?? m.caption) !== undefined)) {
    const words = element("div", "words");
    words.append(...styled(said.text ?? said.caption, said.entities || said.caption_entities || []));
    bubble.append(words);
  }
  bubble.append(footer(message));
  node.append(bubble);
  if (message.reply_markup) node.append(keyboard(message));
  return node;
}

// Who it is from (in groups), where it comes from, what it replies to.
function heading(message) {
  const lines = [];
  if (!isPrivate() && !mine(message)) {
    const name = message.sender_chat ? `${message.sender_chat.title} (${t("anonymous")})` : message.from.first_name;
    lines.push(element("b", "sender", name));
  }
  const origin = message.forward_origin;
  if (origin) {
    const from = origin.sender_user?.first_name || origin.chat?.title || origin.sender_chat?.title || origin.sender_user_name;
    lines.push(element("small", "origin", t("forwarded", from || t("hiddenName"))));
  }
  if (message.via_bot) lines.push(element("small", "origin", t("via", `@${message.via_bot.username}`)));
  const replied = message.reply_to_message;
  if (replied) {
    const quote = element("button", "quote", "");
    const kinds = { photo: "🖼", video: "🎬", audio: "🎵", voice: "🎤", document: "📄" };
    const kind = Object.keys(kinds).find((name) => replied[name]);
    const text = message.quote?.text || wordsOf(replied) || (kind ? t(kind === "document" ? "file" : kind) : t("message"));
    quote.append(element("b", "", replied.from.first_name), element("span", "", `${kind ? kinds[kind] + " " : ""}${text}`));
    quote.onclick = () => showMessage(replied.message_id);
    lines.push(quote);
  }
  return lines;
}

function footer(message) {
  const line = element("div", "foot", "");
  const more = element("button", "more", "⋯");
  more.setAttribute("aria-label", t("more"));
  more.setAttribute("aria-haspopup", "menu");
  more.onclick = () => document.dispatchEvent(new CustomEvent("menu", { detail: { message, more } }));
  const time = clock(message.date);
  line.append(more, element("time", "stamp", message.edit_date ? `${t("edited")} ${time}` : time));
  return line;
}

function serviceText(message) {
  if (message.successful_payment) return t("paid", message.successful_payment.total_amount);
  if (message.refunded_payment) return t("refunded", message.refunded_payment.total_amount);
  if (message.new_chat_members) return t("joined");
  if (message.forum_topic_created) return t("topicOpened", message.forum_topic_created.name);
  if (message.migrate_to_chat_id || message.migrate_from_chat_id) return t("moved");
  return "";
}

function showMessage(id) {
  const node = articleOf(id);
  if (!node) return;
  node.scrollIntoView({ block: "center", behavior: "smooth" });
  node.classList.remove("shown");
  void node.offsetWidth; // restarts the animation
  node.classList.add("shown");
}

const articleOf = (id) => [...$("log").children].find((node) => (node.dataset.ids || node.id.slice(1)).split(" ").includes(String(id)));

// -------------------------------------------------------------------- changes --

export function added(message) {
  if (state.thread && message.message_thread_id !== state.thread) return;
  if (document.querySelector("#log .empty")) { drawChat(); return; }
  const album = albumOf(message);
  const begun = album.length > 1 && articleOf(album[0].message_id);
  if (begun) swap(begun, drawMessage(album));
  else $("log").append(drawMessage([message]));
  rove();
  if (mine(message)) scrollDown();
  else if (!following) { missed += 1; showMissed(); }
}

export function changed(message) {
  const old = articleOf(message.message_id);
  if (old) swap(old, drawMessage(albumOf(message)));
  rove();
}

export function removed(id) {
  const node = articleOf(id);
  if (!node) return;
  const rest = (node.dataset.ids || "").split(" ").filter((each) => each !== String(id));
  const first = messagesHere().find((m) => m.message_id === Number(rest[0]));
  if (first) swap(node, drawMessage(albumOf(first)));
  else node.remove();
  if (!messagesHere().length) drawChat();
  rove();
}

// Puts a message in the place of its older form. The keyboard's focus stays in it.
function swap(old, fresh) {
  const held = old.contains(document.activeElement) ? document.activeElement.textContent : null;
  old.replaceWith(fresh);
  if (held === null) return;
  rove(fresh);
  const buttons = [...fresh.querySelectorAll(".keyboard button")];
  (buttons.find((b) => b.textContent === held) ?? buttons[0] ?? fresh).focus({ preventScroll: true });
}

// ------------------------------------------------------------------ following --

export function scrollDown() {
  following = true;
  missed = 0;
  showMissed();
  $("chat").scrollTop = $("chat").scrollHeight;
}

function showMissed() {
  $("newer").hidden = following;
  $("newer").textContent = missed ? t("newer", missed) : "↓";
  $("newer").setAttribute("aria-label", t("newer", missed));
}

// Both judge by the sizes before the chat grew: what has just been added is no scrolling up.
let before = { height: 0, window: 0 };
function atEnd() {
  const { scrollTop, scrollHeight } = $("chat");
  return scrollTop + before.window > Math.min(before.height, scrollHeight) - 40;
}

$("chat").addEventListener("scroll", () => {
  following = atEnd();
  if (following) missed = 0;
  showMissed();
}, { passive: true });
// Whatever grows (a picture that has loaded, an edit) does not move the end out of view.
const sizes = new ResizeObserver(() => {
  const { clientHeight, scrollHeight } = $("chat");
  if (following && atEnd()) $("chat").scrollTop = scrollHeight;
  before = { height: scrollHeight, window: clientHeight };
});
sizes.observe($("log"));
sizes.observe($("chat"));
$("newer").onclick = scrollDown;

// ------------------------------------------------------------ keyboard's focus --

// In the order of Tab are the controls of the focused message, else the last message's buttons.
function rove(chosen) {
  const all = [...$("log").querySelectorAll("article")];
  const focused = chosen || all.find((node) => node.contains(document.activeElement));
  const last = all.findLast((node) => node.querySelector(".keyboard"));
  for (const node of all) {
    for (const control of node.querySelectorAll("button, a, audio, video, [role=button], .spoiler")) {
      const reached = focused ? node === focused : node === last && control.closest(".keyboard");
      control.tabIndex = reached ? 0 : -1;
    }
  }
}

$("chat").addEventListener("focusin", (event) => {
  const article = event.target.closest("article");
  if (article) rove(article);
});
$("chat").addEventListener("focusout", (event) => {
  if (!event.relatedTarget?.closest?.("article")) setTimeout(() => rove());
});
$("chat").addEventListener("keydown", (event) => {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!step || event.target.closest("video, audio")) return;
  const all = [...$("log").querySelectorAll("article")];
  const at = all.indexOf(event.target.closest("article"));
  const next = at < 0 ? all.at(step < 0 ? -1 : 0) : all[at + step];
  if (!next) return;
  event.preventDefault();
  rove(next);
  next.focus();
});
