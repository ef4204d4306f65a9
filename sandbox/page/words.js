// The page's own words, in the viewer's language. Words of the bot are not touched.

const texts = {
  en: {
    skip: "To the message field", people: "People", chats: "Chats", addUser: "Add a person", addGroup: "New group",
    writeAs: "Write as", switchLanguage: "Язык: русский", panel: "Side panel", topics: "Topics", messages: "Messages",
    commands: "Commands", chips: "Suggestions", cancel: "Cancel", attach: "Send a file", menu: "☰ Menu",
    sample: "A sample, with your text as its caption", photo: "Photo", album: "Album", video: "Video", audio: "Audio",
    voice: "Voice message", file: "File", sticker: "Sticker", ownFiles: "Your own files…", placeholder: "Message",
    message: "Message", send: "Send", start: "START", instance: "Instance", calls: "Bot API calls",
    harmless: "A simulator on this machine: nothing leaves it, nothing costs money.", picture: "Picture", close: "Close",
    ok: "OK", bot: "bot", openPicture: (name) => `Open picture: ${name}`, noAnswer: "The sandbox does not answer",
    what: "What can this bot do?", empty: "No messages here yet.", edited: "edited", paid: (n) => `You paid ⭐ ${n}`,
    refunded: (n) => `⭐ ${n} came back`, pay: (n) => `Pay ⭐ ${n}`, copied: "Copied", noCopy: "The browser does not let this page copy",
    reply: "Reply", edit: "Edit", remove: "Delete", copy: "Copy text", more: "Actions with this message",
    replyTo: (name) => `Reply to ${name}`, editing: "Edit message", newer: (n) => `↓ ${n} new`,
    members: (n) => `${n} ${n === 1 ? "member" : "members"}`, privateChat: "Chat with the bot", general: "General", newTopic: "+ Topic",
    topicName: "Name of the topic", groupName: "Name of the group", userName: "First name", joined: "The bot is in this group",
    topicOpened: (name) => `Topic “${name}” opened`, moved: "The group became a supergroup", forwarded: (name) => `Forwarded from ${name}`,
    hiddenName: "a hidden account", via: (name) => `via ${name}`, operator: "operator", anonymous: "as the group",
    noResults: "No results", deleted: "Deleted message", richAlt: "Picture in the message", search: "…",
    action: {
      typing: "typing…", upload_photo: "sending a photo…", record_video: "recording a video…", upload_video: "sending a video…",
      record_voice: "recording a voice message…", upload_voice: "sending a voice message…", upload_document: "sending a file…",
      choose_sticker: "choosing a sticker…", find_location: "finding a place…",
    },
    chip: {
      start: "/start", wish: "a red fox in the snow", photo: "📷 animate a photo", animate: "animate it",
      credits: "💳 a video without credits", clip: "waves at sunset", stars: "⭐ buy with Stars", admin: "as Ben: /admin",
    },
    facts: {
      status: "status", reason: "reason", epoch: "epoch", uptime: "uptime", verified: "lock verified", webhook: "webhook",
      waiting: "unprocessed updates", jobs: "jobs in flight", undelivered: "undelivered", instance: "instance", version: "version",
    },
    seconds: (n) => `${n} s`, ago: (n) => `${n} s ago`, configured: "configured", notSet: "not set", cut: "cut",
  },
  ru: {
    skip: "К полю сообщения", people: "Люди", chats: "Чаты", addUser: "Добавить человека", addGroup: "Новая группа",
    writeAs: "Писать от имени", switchLanguage: "Language: English", panel: "Боковая панель", topics: "Темы", messages: "Сообщения",
    commands: "Команды", chips: "Подсказки", cancel: "Отмена", attach: "Отправить файл", menu: "☰ Меню",
    sample: "Образец, ваш текст станет подписью", photo: "Фото", album: "Альбом", video: "Видео", audio: "Аудио",
    voice: "Голосовое", file: "Файл", sticker: "Стикер", ownFiles: "Свои файлы…", placeholder: "Сообщение",
    message: "Сообщение", send: "Отправить", start: "НАЧАТЬ", instance: "Экземпляр", calls: "Вызовы Bot API",
    harmless: "Симулятор на этой машине: ничего не уходит наружу и ничего не стоит.", picture: "Картинка", close: "Закрыть",
    ok: "ОК", bot: "бот", openPicture: (name) => `Открыть картинку: ${name}`, noAnswer: "Песочница не отвечает",
    what: "Что умеет этот бот?", empty: "Здесь пока нет сообщений.", edited: "изменено", paid: (n) => `Вы заплатили ⭐ ${n}`,
    refunded: (n) => `⭐ ${n} вернулись`, pay: (n) => `Заплатить ⭐ ${n}`, copied: "Скопировано", noCopy: "Браузер не даёт странице копировать",
    reply: "Ответить", edit: "Изменить", remove: "Удалить", copy: "Копировать текст", more: "Действия с сообщением",
    replyTo: (name) => `Ответ: ${name}`, editing: "Изменение сообщения", newer: (n) => `↓ новых: ${n}`,
    members: (n) => `участников: ${n}`, privateChat: "Чат с ботом", general: "Общая", newTopic: "+ Тема",
    topicName: "Название темы", groupName: "Название группы", userName: "Имя", joined: "Бот добавлен в группу",
    topicOpened: (name) => `Открыта тема «${name}»`, moved: "Группа стала супергруппой", forwarded: (name) => `Переслано от: ${name}`,
    hiddenName: "скрытый аккаунт", via: (name) => `через ${name}`, operator: "оператор", anonymous: "от имени группы",
    noResults: "Ничего не найдено", deleted: "Удалённое сообщение", richAlt: "Картинка в сообщении", search: "…",
    action: {
      typing: "печатает…", upload_photo: "отправляет фото…", record_video: "записывает видео…", upload_video: "отправляет видео…",
      record_voice: "записывает голосовое…", upload_voice: "отправляет голосовое…", upload_document: "отправляет файл…",
      choose_sticker: "выбирает стикер…", find_location: "ищет место…",
    },
    chip: {
      start: "/start", wish: "рыжий кот в шляпе", photo: "📷 оживить фото", animate: "оживи",
      credits: "💳 видео без кредитов", clip: "волны на закате", stars: "⭐ купить за звёзды", admin: "от имени Ben: /admin",
    },
    facts: {
      status: "состояние", reason: "причина", epoch: "эпоха", uptime: "работает", verified: "замок проверен", webhook: "вебхук",
      waiting: "не обработано", jobs: "задач в работе", undelivered: "не доставлено", instance: "экземпляр", version: "версия",
    },
    seconds: (n) => `${n} с`, ago: (n) => `${n} с назад`, configured: "настроен", notSet: "не задан", cut: "обрыв",
  },
};

const asked = new URLSearchParams(location.search).get("lang");
let language = asked || localStorage.getItem("lang") || (navigator.language.startsWith("ru") ? "ru" : "en");
if (!texts[language]) language = "en";

export function t(key, ...values) {
  const found = key.split(".").reduce((part, name) => part?.[name], texts[language]) ?? key;
  return typeof found === "function" ? found(...values) : found;
}

export function currentLanguage() { return language; }

export function setLanguage(code) {
  language = code;
  localStorage.setItem("lang", code);
  translate();
}

// Adds the words of another part of the page.
export function addWords(words) {
  for (const code of Object.keys(words)) Object.assign(texts[code], words[code]);
}

export function translate(root = document) {
  document.documentElement.lang = language;
  for (const node of root.querySelectorAll("[data-t]")) node.textContent = t(node.dataset.t);
  for (const node of root.querySelectorAll("[data-label]")) {
    node.setAttribute("aria-label", t(node.dataset.label));
    if (node.tagName === "BUTTON") node.title = t(node.dataset.label);
  }
  for (const node of root.querySelectorAll("[data-placeholder]")) node.placeholder = t(node.dataset.placeholder);
}

export function clock(seconds) {
  return new Date(seconds * 1000).toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit" });
}
