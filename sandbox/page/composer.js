// What the user writes, sends, replies to and edits; chips, commands, inline results.

import { toast } from "./dialogs.js";
import { drawChat, wordsOf } from "./messages.js";
import { selectUser } from "./people.js";
import { $, commandsHere, element, get, isPrivate, messagesHere, place, post, state } from "./store.js";
import { t } from "./words.js";

let replying = null;  // the message that is replied to
let editing = null;   // the own message that is edited

// ----------------------------------------------------------------- sending --

function send() {
  const text = $("input").value.trim();
  if (!text) return;
  const chat = isPrivate() ? 0 : state.chat;
  if (editing) post("edit", { user: state.user, message_id: editing.message_id, text, chat });
  else post("say", { user: state.user, text, ...place(replying?.message_id) });
  clear();
}

function clear() {
  $("input").value = "";
  stopQuoting();
  resize();
  drawHints();
}

// What stands in the field goes along with a file.
function takeCaption() {
  const text = $("input").value.trim();
  clear();
  return text;
}

function resize() {
  $("input").style.height = "auto";
  $("input").style.height = `${$("input").scrollHeight}px`;
}

$("composer").onsubmit = (event) => { event.preventDefault(); send(); };
$("start").onclick = () => post("say", { user: state.user, text: "/start" });
$("input").oninput = () => { resize(); drawHints(); };
$("input").onkeydown = (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); send(); }
  if (event.key === "Escape" && (replying || editing)) { event.preventDefault(); clear(); }
  if (event.key === "ArrowUp" && !$("input").value) editLast(event);
};

function editLast(event) {
  const own = messagesHere().findLast((m) => m.from.id === state.user && wordsOf(m));
  if (own) { event.preventDefault(); startEditing(own); }
}

// ------------------------------------------------------- replies and edits --

function startReplying(message) {
  editing = null;
  replying = message;
  quote(t("replyTo", message.from.first_name), wordsOf(message));
}

function startEditing(message) {
  replying = null;
  editing = message;
  $("input").value = wordsOf(message);
  quote(t("editing"), wordsOf(message));
  resize();
}

function quote(what, text) {
  $("quoted-what").textContent = what;
  $("quoted-text").textContent = text;
  $("quoted").hidden = false;
  $("input").focus();
}

function stopQuoting() {
  replying = editing = null;
  $("quoted").hidden = true;
}

$("unquote").onclick = clear;
document.addEventListener("selected", () => { stopQuoting(); drawHints(); drawChips(); drawMenuButton(); });

document.addEventListener("menu", ({ detail: { message, more } }) => {
  const own = message.from.id === state.user;
  const words = wordsOf(message);
  const chat = isPrivate() ? 0 : state.chat;
  const items = [["reply", () => startReplying(message)]];
  if (words) items.push(["copy", () => navigator.clipboard.writeText(words).then(() => toast(t("copied")), () => toast(t("noCopy")))]);
  if (own && words) items.push(["edit", () => startEditing(message)]);
  if (own || isPrivate()) items.push(["remove", () => post("delete", { user: state.user, message_id: message.message_id, chat })]);
  const menu = $("message-menu");
  menu.replaceChildren(...items.map(([name, act]) => {
    const item = element("button", "", t(name));
    item.role = "menuitem";
    item.onclick = () => { menu.hidePopover(); act(); };
    return item;
  }));
  menu.showPopover();
  const at = more.getBoundingClientRect();
  const size = menu.getBoundingClientRect();
  menu.style.left = `${Math.max(8, Math.min(at.left, innerWidth - size.width - 8))}px`;
  menu.style.top = `${Math.max(8, Math.min(at.bottom + 4, innerHeight - size.height - 8))}px`;
  menu.firstChild.focus();
});
$("message-menu").onkeydown = (event) => {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const all = [...$("message-menu").children];
  all.at((all.indexOf(document.activeElement) + step) % all.length).focus();
};

// ---------------------------------------------- commands and inline results --

function drawHints() {
  const typed = $("input").value;
  const inline = typed.match(new RegExp(`^@${state.bot?.username}\\s+(.*)$`, "is"));
  if (inline) { askInline(inline[1]); return; }
  const fits = /^\/\w*$/.test(typed) ? commandsHere().filter((c) => `/${c.command}`.startsWith(typed)) : [];
  showCommands(fits);
}

function showCommands(commands) {
  $("hints").hidden = !commands.length;
  $("hints").replaceChildren(...commands.map((c) => hint(`/${c.command}`, c.description, () => {
    $("input").value = `/${c.command}${isPrivate() ? "" : `@${state.bot.username}`}`;
    send();
  })));
}

function hint(title, description, act) {
  const item = document.createElement("li");
  const button = element("button", "", "");
  button.append(element("b", "", title), document.createTextNode(description));
  button.onclick = act;
  item.append(button);
  return item;
}

let asking = 0;
function askInline(text) {
  clearTimeout(asking);
  asking = setTimeout(() => post("inline", { user: state.user, text, chat_type: isPrivate() ? "sender" : "supergroup" }), 300);
}

export async function showInline(query) {
  const found = (await get("state")).inline_queries.find((each) => each.id === query);
  if (!found || found.user !== state.user) return;
  const chosen = (result) => { post("choose", { query, result: result.id, chat: isPrivate() ? 0 : state.chat }); clear(); $("hints").hidden = true; };
  const rows = found.results.map((each) => {
    const row = hint(each.title || each.caption || each.type, each.description || "", () => chosen(each));
    if (each.photo_file_id) {
      const image = element("img", "", "");
      image.src = `/sandbox/media/${each.photo_file_id}`;
      image.alt = "";
      row.firstChild.prepend(image);
    }
    return row;
  });
  $("hints").hidden = false;
  $("hints").replaceChildren(...(rows.length ? rows : [element("li", "quiet", t("noResults"))]));
}

document.addEventListener("inline", ({ detail }) => {
  $("input").value = `@${state.bot.username} ${detail}`;
  $("input").focus();
  drawHints();
});

export function drawMenuButton() {
  const menus = state.profile.menus || {};
  const kind = (menus[state.user] || menus[0])?.type;
  $("menu-button").hidden = !isPrivate() || kind === "web_app" || !commandsHere().length;
}
$("menu-button").onclick = () => { if ($("hints").hidden) showCommands(commandsHere()); else $("hints").hidden = true; };

// ---------------------------------------------------------------------- chips --

export function drawChips() {
  const say = (text) => post("say", { user: state.user, text });
  const ben = [...state.users.values()].find((user) => user.first_name === "Ben");
  const chips = [
    ["start", () => say("/start")],
    ["wish", () => say(t("chip.wish"))],
    ["photo", () => post("send", { user: state.user, kind: "photo", caption: t("chip.animate") })],
    ["credits", () => say(`/video ${t("chip.clip")}`)],
    ["stars", () => say("/topup")],
  ];
  if (ben) chips.push(["admin", () => { selectUser(ben.id); post("say", { user: ben.id, text: "/admin" }); }]);
  $("chips").replaceChildren(...chips.map(([name, act], i) => {
    const chip = element("button", "chip", t(`chip.${name}`));
    chip.onclick = act;
    chip.tabIndex = i ? -1 : 0;
    return chip;
  }));
  $("chips").hidden = !isPrivate();
}

// Arrows go through the chips; Tab leaves them.
$("chips").addEventListener("keydown", (event) => {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const next = step && [...$("chips").children][[...$("chips").children].indexOf(event.target) + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
});

// ---------------------------------------------------------------------- files --

$("attach").onclick = () => showAttachMenu($("attach-menu").hidden);
for (const button of document.querySelectorAll("#attach-menu [data-kind]")) {
  button.onclick = () => {
    showAttachMenu(false);
    const where = place(replying?.message_id);
    const caption = takeCaption();
    const items = ["photo", "video", "photo"].map((kind) => ({ kind }));
    if (button.dataset.kind === "album") post("album", { user: state.user, items, captions: [caption], ...where });
    else post("send", { user: state.user, kind: button.dataset.kind, caption, ...where });
  };
}
$("choose-files").onclick = () => $("files").click();
$("files").onchange = async () => {
  showAttachMenu(false);
  const items = await Promise.all([...$("files").files].map(asItem));
  $("files").value = "";
  const where = place(replying?.message_id);
  const caption = takeCaption();
  const album = items.length > 1 && items.every((item) => ["photo", "video"].includes(item.kind));
  if (album) post("album", { user: state.user, items, captions: [caption], ...where });
  else for (const item of items) await post("send", { user: state.user, caption, ...item, ...where });
};

function showAttachMenu(shown) {
  $("attach-menu").hidden = !shown;
  $("attach").setAttribute("aria-expanded", String(shown));
}

function asItem(file) {
  const kind = { "image/png": "photo", "image/jpeg": "photo", "video/mp4": "video", "audio/mpeg": "audio", "audio/ogg": "voice" }[file.type] || "document";
  return new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done({ kind, name: file.name, content: reader.result.split(",")[1] });
    reader.onerror = () => failed(reader.error);
    reader.readAsDataURL(file);
  });
}

document.addEventListener("click", (event) => {
  if (!event.target.closest(".attach")) showAttachMenu(false);
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !$("attach-menu").hidden) {
    showAttachMenu(false);
    $("attach").focus();
  }
  // Letters go into the field wherever the focus is; Space and Enter are for what has it.
  const letter = event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey;
  if (letter && !event.target.closest("textarea, select, input, dialog, audio, video, [popover]")) $("input").focus();
});

export function redrawComposer() {
  drawChat();
  drawChips();
  drawHints();
  drawMenuButton();
}
