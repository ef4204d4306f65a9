// The chat page: shows what /sandbox/state says, follows /sandbox/events, acts by POST.
// Text of users and of the bot reaches the page through textContent only.
"use strict";

const $ = (id) => document.getElementById(id);
const users = new Map();     // id -> user
const chats = new Map();     // id -> Map(message_id -> message)
const unread = new Map();    // id -> number
let commands = {};           // user -> chat -> the commands that Telegram shows
const narrow = matchMedia("(max-width: 900px)");
let current = null;
let bot = null;

async function post(action, body) {
  try {
    const answer = await fetch(`/sandbox/${action}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    const said = await answer.json();
    if (answer.ok) return said;
    showToast(said.error);
  } catch {
    showToast("The sandbox does not answer");
  }
  return {};
}

async function load() {
  const state = await (await fetch("/sandbox/state")).json();
  bot = state.bot;
  commands = state.commands_seen;
  $("bot-name").textContent = bot.first_name;
  for (const user of state.users) users.set(user.id, user);
  for (const [id, messages] of Object.entries(state.messages)) {
    chats.set(Number(id), new Map(messages.map((m) => [m.message_id, m])));
  }
  for (const call of state.calls.slice(-8)) addCall(call);
  if (current === null) current = state.users[0].id;
  drawUsers();
  drawChat();
}

// ------------------------------------------------------------------ users --

function drawUsers() {
  $("user-list").replaceChildren(...[...users.values()].map((user) => {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.setAttribute("aria-current", String(user.id === current));
    button.append(avatar(user), names(user));
    const count = unread.get(user.id);
    if (count) button.append(element("span", "badge", String(count)));
    button.onclick = () => select(user.id);
    item.append(button);
    return item;
  }));
  $("user-select").replaceChildren(...[...users.values()].map((user) => {
    const count = unread.get(user.id);
    const option = element("option", "", user.first_name + (count ? ` (${count})` : ""));
    option.value = user.id;
    option.selected = user.id === current;
    return option;
  }));
}

function avatar(user) {
  const face = element("span", "avatar", user.first_name.slice(0, 1).toUpperCase());
  face.style.background = `hsl(${(user.id * 67) % 360} 55% 33%)`;
  face.setAttribute("aria-hidden", "true");
  return face;
}

function names(user) {
  const block = element("span", "grow", user.first_name);
  const code = user.language_code;
  block.append(element("small", "", new Intl.DisplayNames([code], { type: "language" }).of(code)));
  return block;
}

function select(id) {
  current = id;
  unread.delete(id);
  drawUsers();
  drawChat();
  if (!narrow.matches) $("input").focus(); // on a phone it would bring up the keyboard
}

// --------------------------------------------------------------- messages --

function drawChat() {
  const groups = [];
  for (const message of (chats.get(current) || new Map()).values()) {
    const last = groups.at(-1);
    if (last && sameAlbum(last[0], message)) last.push(message);
    else groups.push([message]);
  }
  $("chat").replaceChildren(...groups.map(drawMessage));
  if (!groups.length) {
    $("chat").append(element("p", "empty", "No messages yet. Write /start to begin."));
  }
  scrollDown();
}

function sameAlbum(one, other) {
  return one.media_group_id !== undefined && one.media_group_id === other.media_group_id;
}

// The messages of one album, or one message alone.
function albumOf(message) {
  return [...chats.get(message.chat.id).values()].filter((m) => m === message || sameAlbum(m, message));
}

function drawMessage(messages) {
  const message = messages[0];
  if (message.successful_payment || message.refunded_payment) return serviceLine(message);
  const node = element("article", "message" + (message.from.is_bot ? "" : " mine"));
  node.id = `m${message.message_id}`;
  node.dataset.first = message.message_id;
  const bubble = element("div", "bubble");
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
  const said = messages.find((m) => (m.text ?? m.caption) !== undefined);
  if (said) {
    const words = element("div", "words");
    words.append(...styled(said.text ?? said.caption, said.entities || said.caption_entities || []));
    bubble.append(words);
  }
  const time = new Date(message.date * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  bubble.append(element("time", "stamp", message.edit_date ? `edited ${time}` : time));
  node.append(bubble);
  if (message.reply_markup) node.append(keyboard(message));
  return node;
}

function serviceLine(message) {
  const paid = message.successful_payment;
  const stars = (paid || message.refunded_payment).total_amount;
  const node = element("p", "service", paid ? `You paid ⭐ ${stars}` : `⭐ ${stars} came back`);
  node.id = `m${message.message_id}`;
  return node;
}

function invoice(message) {
  const { title, description, total_amount: stars } = message.invoice;
  const box = element("div", "words invoice", "");
  box.append(element("strong", "", title), element("div", "", description));
  const pay = element("button", "pay", `Pay ⭐ ${stars}`);
  pay.onclick = () => post("pay", { user: current, message_id: message.message_id });
  box.append(pay);
  return box;
}

// The files of a message, playable where a browser can play them.
function media(message) {
  const url = (file) => `/sandbox/media/${file.file_id}`;
  if (message.photo) {
    const size = message.photo.at(-1);
    const image = element("img", "", "");
    image.src = url(size);
    image.width = size.width;
    image.height = size.height;
    const shrunk = Math.min(1, 480 / size.width, 420 / size.height);
    image.style.setProperty("--width", `${Math.round(size.width * shrunk)}px`);
    image.alt = message.caption || "Picture";
    image.role = "button";
    image.ariaLabel = `Open picture: ${image.alt}`;
    image.tabIndex = 0;
    image.onclick = () => enlarge(image);
    image.onkeydown = (event) => { if (event.key === "Enter") enlarge(image); };
    return [image];
  }
  if (message.video) {
    const video = player("video", url(message.video), message.caption || "Video");
    video.width = message.video.width;
    video.height = message.video.height;
    video.playsInline = true;
    return [video];
  }
  const sound = message.voice || message.audio;
  if (sound) {
    const box = element("div", "sound", "");
    const title = message.voice ? "Voice message" : sound.title || sound.file_name || "Audio";
    box.append(element("span", "quiet", `${message.voice ? "🎤" : "🎵"} ${title}`));
    box.append(player("audio", url(sound), title));
    return [box];
  }
  if (message.document) {
    const link = element("a", "file", "");
    link.href = url(message.document);
    link.download = message.document.file_name || "file";
    link.append(element("span", "avatar", "📄"), element("span", "grow", link.download));
    link.lastChild.append(element("small", "", bytes(message.document.file_size)));
    return [link];
  }
  return message.sticker ? [element("div", "sticker", message.sticker.emoji)] : [];
}

function enlarge(image) {
  $("lightbox-image").src = image.src;
  $("lightbox-image").alt = image.alt;
  $("lightbox").showModal();
}

function player(tag, url, label) {
  const node = element(tag, "", "");
  node.controls = true;
  node.preload = "metadata";
  node.setAttribute("aria-label", label);
  node.src = url;
  return node;
}

function bytes(size) {
  return size < 1e6 ? `${Math.ceil(size / 1e3)} KB` : `${(size / 1e6).toFixed(1)} MB`;
}

// Entities count UTF-16 units, and so do JavaScript's strings.
function styled(text, entities) {
  const tags = {
    bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code", pre: "pre",
    blockquote: "blockquote", text_link: "a", spoiler: "span",
  };
  const cuts = new Set([0, text.length]);
  for (const e of entities) { cuts.add(e.offset); cuts.add(e.offset + e.length); }
  const points = [...cuts].sort((a, b) => a - b);
  return points.slice(0, -1).map((from, i) => {
    let node = document.createTextNode(text.slice(from, points[i + 1]));
    for (const e of entities) {
      if (e.offset <= from && from < e.offset + e.length && tags[e.type]) {
        const outer = document.createElement(tags[e.type]);
        if (e.type === "text_link") leadTo(outer, e.url);
        if (e.type === "spoiler") Object.assign(outer, { className: "spoiler", tabIndex: 0 });
        outer.append(node);
        node = outer;
      }
    }
    return node;
  });
}

function leadTo(link, url) {
  link.href = /^https?:|^tg:/.test(url) ? url : "#";
  link.target = "_blank";
  link.rel = "noopener noreferrer";
}

function keyboard(message) {
  const box = element("div", "keyboard");
  for (const row of message.reply_markup.inline_keyboard) {
    const line = element("div", "");
    for (const item of row) line.append(keyboardButton(message, item));
    box.append(line);
  }
  return box;
}

function keyboardButton(message, item) {
  if (item.url) {
    const link = element("a", "", item.text);
    leadTo(link, item.url);
    return link;
  }
  const button = element("button", "", item.text);
  button.onclick = () => {
    if (item.copy_text) {
      navigator.clipboard.writeText(item.copy_text.text)
        .then(() => showToast("Copied"), () => showToast("The browser does not let this page copy"));
      return;
    }
    if (item.pay) {
      post("pay", { user: current, message_id: message.message_id });
      return;
    }
    button.classList.add("waiting");
    post("press", { user: current, message_id: message.message_id, data: item.callback_data })
      .then((press) => { if (!press.id) button.classList.remove("waiting"); });
  };
  return button;
}

function scrollDown() {
  $("chat").scrollTop = $("chat").scrollHeight;
}

// Changes the chat; who reads at its end stays there, who reads further up is left alone.
function atTheEnd(change) {
  const { scrollTop, clientHeight, scrollHeight } = $("chat");
  change();
  if (scrollTop + clientHeight > scrollHeight - 40) scrollDown();
}

// Puts a message in the place of its older form. The keyboard's focus stays in it.
function swap(old, fresh) {
  const held = old.contains(document.activeElement) ? document.activeElement.textContent : null;
  old.replaceWith(fresh);
  if (held === null) return;
  const buttons = [...fresh.querySelectorAll(".keyboard button")];
  (buttons.find((b) => b.textContent === held) ?? buttons[0] ?? $("chat")).focus({ preventScroll: true });
}

// ------------------------------------------------------------------- live --

const live = {
  user(event) { users.set(event.user.id, event.user); chats.set(event.user.id, new Map()); drawUsers(); },
  message(event) {
    chats.get(event.chat_id).set(event.message.message_id, event.message);
    showActivity("bot");
    if (event.chat_id === current) {
      document.querySelector(".empty")?.remove();
      const album = albumOf(event.message);
      const begun = album.length > 1 && $(`m${album[0].message_id}`);
      atTheEnd(() => {
        if (begun) swap(begun, drawMessage(album));
        else $("chat").append(drawMessage(album));
      });
      if (!event.message.from.is_bot) scrollDown();
    } else if (event.message.from.is_bot) {
      unread.set(event.chat_id, (unread.get(event.chat_id) || 0) + 1);
      drawUsers();
    }
  },
  edit(event) {
    chats.get(event.chat_id).set(event.message.message_id, event.message);
    if (event.chat_id !== current) return;
    const album = albumOf(event.message);
    const old = $(`m${album[0].message_id}`);
    if (old) atTheEnd(() => swap(old, drawMessage(album)));
  },
  delete(event) {
    chats.get(event.chat_id).delete(event.message_id);
    if (event.chat_id === current) drawChat();
  },
  action(event) {
    if (event.chat_id === current) showActivity(event.action === "typing" ? "typing…" : "sending a file…");
  },
  toast(event) {
    if (event.chat_id !== current) return;
    document.querySelectorAll(`#m${event.message_id} .waiting`).forEach((b) => b.classList.remove("waiting"));
    if (event.text) showToast(event.text);
  },
  call(event) { addCall(event); },
  async profile() { commands = (await (await fetch("/sandbox/state")).json()).commands_seen; },
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
  stream.onopen = () => { if (lost) { lost = false; load(); } };
}

let activityTimer = 0;
function showActivity(text) {
  $("activity").textContent = text;
  clearTimeout(activityTimer);
  if (text !== "bot") activityTimer = setTimeout(() => showActivity("bot"), 5000);
}

let toastTimer = 0;
function showToast(text) {
  $("toast").textContent = text;
  $("toast").hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { $("toast").hidden = true; }, 3500);
}

function addCall(call) {
  const line = element("li", call.status === 200 ? "" : "bad", "");
  line.append(element("span", "", call.method), element("span", "", String(call.status || "cut")));
  $("calls").prepend(line);
  while ($("calls").children.length > 8) $("calls").lastChild.remove();
}

async function watchInstance() {
  let health = { state: "AWAY" };
  try {
    health = await (await fetch("/sandbox/instance")).json();
  } catch { /* the sandbox itself is gone: AWAY says it */ }
  setText($("state"), health.state);
  $("panel-toggle").title = `Instance: ${health.state}`;
  $("state").className = `state ${health.state}`;
  $("dot").className = `dot ${health.state}`;
  const queue = health.queue || {};
  const facts = {
    status: health.status, reason: health.reason, epoch: health.epoch,
    uptime: health.uptime_seconds === undefined ? undefined : `${Math.round(health.uptime_seconds)} s`,
    "lock verified": health.lock?.last_verified_seconds == null ? undefined : `${health.lock.last_verified_seconds} s ago`,
    webhook: health.bot_mode === "webhook" ? (health.webhook?.configured ? "configured" : "not set") : health.bot_mode,
    "unprocessed updates": queue.unprocessed_updates, "jobs in flight": queue.jobs_in_flight,
    undelivered: queue.undelivered, instance: health.instance_id, version: health.version,
  };
  drawFacts(Object.entries(facts).filter(([, value]) => value != null));
  setTimeout(watchInstance, 1000);
}

// Only what differs is touched: a selection in the list, made to copy it, survives.
function drawFacts(facts) {
  const list = $("facts");
  while (list.children.length > 2 * facts.length) list.lastChild.remove();
  while (list.children.length < 2 * facts.length) list.append(element("dt", "", ""), element("dd", "", ""));
  facts.forEach(([name, value], i) => {
    setText(list.children[2 * i], name);
    setText(list.children[2 * i + 1], String(value));
  });
}

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// --------------------------------------------------------------- composer --

function element(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text) node.textContent = text;
  return node;
}

function send() {
  const text = $("input").value.trim();
  if (!text) return;
  $("input").value = "";
  resize();
  drawHints();
  post("say", { user: current, text });
}

function resize() {
  $("input").style.height = "auto";
  $("input").style.height = `${$("input").scrollHeight}px`;
}

function drawHints() {
  const typed = $("input").value;
  const mine = commands[current]?.[current] || [];
  const fits = /^\/\w*$/.test(typed) ? mine.filter((c) => `/${c.command}`.startsWith(typed)) : [];
  $("hints").hidden = !fits.length;
  $("hints").replaceChildren(...fits.map((c) => {
    const item = document.createElement("li");
    const button = element("button", "", "");
    button.append(element("b", "", `/${c.command}`), document.createTextNode(c.description));
    button.onclick = () => { $("input").value = `/${c.command}`; send(); };
    item.append(button);
    return item;
  }));
}

$("composer").onsubmit = (event) => { event.preventDefault(); send(); };
$("input").oninput = () => { resize(); drawHints(); };
$("input").onkeydown = (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); send(); }
};
$("user-select").onchange = (event) => select(Number(event.target.value));
$("attach").onclick = () => showAttachMenu($("attach-menu").hidden);
for (const button of document.querySelectorAll("#attach-menu [data-kind]")) {
  button.onclick = () => {
    showAttachMenu(false);
    const caption = takeCaption();
    const items = ["photo", "video", "photo"].map((kind) => ({ kind }));
    if (button.dataset.kind === "album") post("album", { user: current, items, caption });
    else post("send", { user: current, kind: button.dataset.kind, caption });
  };
}
$("choose-files").onclick = () => $("files").click();
$("files").onchange = async () => {
  showAttachMenu(false);
  const items = await Promise.all([...$("files").files].map(asItem));
  $("files").value = "";
  const caption = takeCaption();
  const album = items.length > 1 && items.every((item) => ["photo", "video"].includes(item.kind));
  if (album) post("album", { user: current, items, caption });
  else for (const item of items) await post("send", { user: current, caption, ...item });
};
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
  if (letter && !event.target.closest("textarea, select, input, dialog, audio, video")) $("input").focus();
});

function showAttachMenu(shown) {
  $("attach-menu").hidden = !shown;
  $("attach").setAttribute("aria-expanded", String(shown));
}

// What stands in the field goes along with a file.
function takeCaption() {
  const text = $("input").value.trim();
  $("input").value = "";
  resize();
  return text;
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

$("add-user").onclick = () => {
  const name = prompt("First name of the new user");
  if (name) post("user", { first_name: name, language_code: /[а-яё]/i.test(name) ? "ru" : "en" }).then((u) => u.id && select(u.id));
};
$("panel-toggle").onclick = () => {
  const hidden = document.body.classList.toggle("no-panel");
  $("panel-toggle").setAttribute("aria-expanded", String(!hidden));
};
if (narrow.matches) $("panel-toggle").click();
$("lightbox").onclick = () => $("lightbox").close();

load().then(follow);
watchInstance();
