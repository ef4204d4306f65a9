// Windows and notes above the chat: toasts, alerts, questions, the picture at full size.

const $ = (id) => document.getElementById(id);

let timer = 0;
export function toast(text) {
  $("toast").textContent = text;
  $("toast").hidden = false;
  clearTimeout(timer);
  timer = setTimeout(() => { $("toast").hidden = true; }, 3500);
}

// answerCallbackQuery with show_alert: a window that waits for OK. Several come one after another.
const waiting = [];
export function alertWindow(text) {
  waiting.push(text);
  if (!$("alert").open) nextAlert();
}

function nextAlert() {
  const text = waiting.shift();
  if (text === undefined) return;
  $("alert-text").textContent = text;
  $("alert").showModal();
}

export function ask(question) {
  $("ask-text").textContent = question;
  $("ask-field").value = "";
  $("ask").returnValue = "";
  $("ask").showModal();
  return new Promise((done) => {
    $("ask").onclose = () => done($("ask").returnValue === "ok" ? $("ask-field").value.trim() : "");
  });
}

export function enlarge(image) {
  $("lightbox-image").src = image.src;
  $("lightbox-image").alt = image.alt;
  $("lightbox").showModal();
}

$("alert").onclose = nextAlert;
$("lightbox").onclick = (event) => { if (event.target !== $("lightbox-image")) $("lightbox").close(); };
