// The parts of a message: text with entities, media, rich blocks, keyboards.
// Text of users and of the bot reaches the page through textContent only.

import { enlarge, toast } from "./dialogs.js";
import { element, post, state } from "./store.js";
import { t } from "./words.js";

const fileUrl = (file) => `/sandbox/media/${file.file_id}`;

export function media(message) {
  if (message.photo) return [picture(message.photo, message.caption)];
  if (message.video) {
    const video = player("video", message.video, message.caption || t("video"));
    video.width = message.video.width || 320;
    video.height = message.video.height || 320;
    video.style.aspectRatio = `${video.width} / ${video.height}`;
    video.playsInline = true;
    return [video];
  }
  const sound = message.voice || message.audio;
  if (sound) {
    const title = message.voice ? t("voice") : [sound.performer, sound.title || sound.file_name || t("audio")].filter(Boolean).join(" — ");
    const box = element("div", "sound", "");
    box.append(element("span", "quiet", `${message.voice ? "🎤" : "🎵"} ${title}`), player("audio", sound, title));
    return [box];
  }
  if (message.document) {
    const link = element("a", "file", "");
    link.href = fileUrl(message.document);
    link.download = message.document.file_name || "file";
    const face = element("span", "avatar", "📄");
    face.setAttribute("aria-hidden", "true");
    link.append(face, element("span", "grow", link.download));
    link.lastChild.append(element("small", "", bytes(message.document.file_size || 0)));
    return [link];
  }
  return message.sticker ? [element("div", "sticker", message.sticker.emoji)] : [];
}

function picture(sizes, caption) {
  const size = sizes.at(-1);
  const image = element("img", "", "");
  image.src = fileUrl(size);
  image.width = size.width;
  image.height = size.height;
  const shrunk = Math.min(1, 480 / size.width, 420 / size.height);
  image.style.setProperty("--width", `${Math.round(size.width * shrunk)}px`);
  image.alt = caption || t("picture");
  image.role = "button";
  image.ariaLabel = t("openPicture", image.alt);
  image.tabIndex = 0;
  image.onclick = () => enlarge(image);
  image.onkeydown = (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault(); // else the same key presses the button that has the focus next
    enlarge(image);
  };
  return image;
}

function player(tag, file, label) {
  const node = element(tag, "", "");
  node.controls = true;
  node.preload = "metadata";
  node.setAttribute("aria-label", label);
  node.src = fileUrl(file);
  return node;
}

function bytes(size) {
  return size < 1e6 ? `${Math.ceil(size / 1e3)} KB` : `${(size / 1e6).toFixed(1)} MB`;
}

// Entities count UTF-16 units, and so do JavaScript's strings.
export function styled(text, entities) {
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

// ------------------------------------------------------------ rich messages --

export function rich(content) {
  const box = element("div", "words rich", "");
  box.append(...content.blocks.map(block));
  return box;
}

function block(each) {
  const inner = (each.blocks || []).map(block);
  const simple = { paragraph: "p", heading: `h${Math.min(6, (each.size || 1) + 2)}`, pre: "pre", footer: "small", thinking: "em" };
  if (simple[each.type]) return filled(simple[each.type], each.text);
  if (each.type === "divider") return element("hr", "", "");
  if (each.type === "list") {
    const list = element("ul", "", "");
    for (const item of each.items) {
      const line = element("li", "", "");
      line.append(...item.blocks.map(block));
      list.append(line);
    }
    return list;
  }
  if (each.type === "photo") return picture(each.photo, t("richAlt"));
  if (["blockquote", "expandable_blockquote", "pullquote"].includes(each.type)) {
    const quote = filled("blockquote", each.text || "");
    quote.append(...inner);
    return quote;
  }
  const box = filled("div", each.text || each.summary || "");
  box.append(...inner);
  return box;
}

function filled(tag, text) {
  const node = element(tag, "", "");
  node.append(...richText(text));
  return node;
}

function richText(text) {
  if (typeof text === "string") return [document.createTextNode(text)];
  if (Array.isArray(text)) return text.flatMap(richText);
  const tags = { bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code", marked: "mark", subscript: "sub", superscript: "sup" };
  const node = filled(text.type === "url" ? "a" : tags[text.type] || "span", text.text ?? text.expression ?? "");
  if (text.type === "url") leadTo(node, text.url);
  return [node];
}

export function textOfRich(content) {
  return content.blocks.map((each) => block(each).textContent).join("\n");
}

// ---------------------------------------------------------------- keyboards --

// A link to an invoice: Telegram pays it in place.
const INVOICE = /^https:\/\/t\.me\/\$/;

export function keyboard(message) {
  const box = element("div", "keyboard");
  for (const row of message.reply_markup.inline_keyboard) {
    const line = element("div", "");
    for (const item of row) line.append(button(message, item));
    box.append(line);
  }
  return box;
}

function button(message, item) {
  const label = element("span", "", item.text);
  if (item.url && !INVOICE.test(item.url)) {
    const link = element("a", "", "");
    link.title = item.text;
    leadTo(link, item.url);
    link.append(label);
    return link;
  }
  const node = element("button", "", "");
  node.title = item.text;
  node.append(label);
  node.onclick = () => pressed(message, item, node);
  return node;
}

function pressed(message, item, node) {
  const where = { user: state.user, message_id: message.message_id };
  if (item.copy_text) {
    navigator.clipboard.writeText(item.copy_text.text).then(() => toast(t("copied")), () => toast(t("noCopy")));
  } else if (item.pay) {
    post("pay", where);
  } else if (item.url) {
    post("pay", { user: state.user, link: item.url });
  } else if (item.switch_inline_query !== undefined || item.switch_inline_query_current_chat !== undefined) {
    document.dispatchEvent(new CustomEvent("inline", { detail: item.switch_inline_query ?? item.switch_inline_query_current_chat }));
  } else {
    node.classList.add("waiting");
    const chat = message.chat.id === state.user ? 0 : message.chat.id;
    post("press", { ...where, data: item.callback_data, chat })
      .then((press) => { if (!press.id) node.classList.remove("waiting"); });
  }
}

export function invoice(message) {
  const { title, description, total_amount: stars } = message.invoice;
  const box = element("div", "words invoice", "");
  box.append(element("strong", "", title), element("div", "", description));
  const pay = element("button", "pay", t("pay", stars));
  pay.onclick = () => post("pay", { user: state.user, message_id: message.message_id });
  box.append(pay);
  return box;
}
