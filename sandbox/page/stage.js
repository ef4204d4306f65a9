// The stage: two copies of the bot, what can happen to them, and what the witness saw of it.
// Every number comes from /sandbox/stage; nothing moves that has not happened.

import { toast } from "./dialogs.js";
import { drawPeople, selectUser } from "./people.js";
import { $, element, get, guest, state } from "./store.js";
import { addWords, clock, currentLanguage, t } from "./words.js";

addWords({
  en: {
    stageTitle: "Two copies of one bot. Only the one that holds the lock may act. Try to break it.",
    copyStates: {
      ACTIVE: "ACTIVE: acts", PASSIVE: "PASSIVE: stores and waits", STARTING: "starts", DRAINING: "finishes its work",
      GONE: "gone", FROZEN: "frozen",
    },
    epochOf: (n) => `epoch ${n}`, callsOf: (n) => `${n} calls in 90 s`, storedOf: (n) => `stored ${n}`, cutOff: "cut off from the database",
    acts: {
      deploy: "🚀 Deploy", kill: "💀 kill -9", freeze: "🧊 Freeze 12 s", cut: "✂️ Cut from the database", database: "🗄 Restart database",
      away: "🌩 kie.ai away", credits: "💸 kie.ai out of credits", flood: "📵 Telegram 429", crowd: "🌊 40 people write",
    },
    under: (name) => `Under way: ${name}`, show: "▶ Show me", showing: (n) => `Step ${n} of 5`,
    steps: [
      "", "A picture, as a user orders it.",
      "A new version is deployed while 40 people write. The old copy hands the lock over.",
      "kill -9 in the middle of an order. The other copy goes on; the picture comes, and is paid once.",
      "The copy that acts is frozen. The other one takes over. The frozen one wakes, finds its epoch over, and says so.",
      "The books: what was given, reserved and returned is what the accounts hold.",
    ],
    gapReleased: (s) => `nobody held the lock for ${s}`, gapStruck: (s) => `${s} from the blow to the next holder`, noHandOver: "no hand-over yet",
    counters: {
      sent: "sent", answered: "answered", waiting: "under way", lost: "lost", twice: "twice", out_of_order: "out of order", longest: "longest wait", money: "money",
      made: "results made", came: "results came",
    },
    books: "Books", given: "given", reserved: "reserved", returned: "returned", balance: "balance", balanced: "the books balance",
    unbalanced: "the books do not balance", noBooks: "Nothing has been booked yet.", timeline: "The last 90 seconds",
    legend: "▇ holds the lock  ░ stores  ● calls of Telegram  ✗ what happened", operatorNote: "operator", creditsNote: (n) => `credits: ${n}`,
    timelineText: (a) => `Timeline. ${a}`,
    compared: "Compared with", comparedBot: "bot", comparedAct: "kill -9 in the middle of an order, while 40 people write", paidCame: "paid → came",
    recorded: (date) => `Recorded on ${date} with tests/bench/peers.py. Both other bots keep updates in memory, as the examples of their libraries do.`,
  },
  ru: {
    stageTitle: "Две копии одного бота. Действует только та, что держит замок. Попробуйте сломать.",
    copyStates: {
      ACTIVE: "ACTIVE: действует", PASSIVE: "PASSIVE: хранит и ждёт", STARTING: "запускается", DRAINING: "завершает работу",
      GONE: "нет", FROZEN: "заморожена",
    },
    epochOf: (n) => `эпоха ${n}`, callsOf: (n) => `вызовов за 90 с: ${n}`, storedOf: (n) => `сохранено: ${n}`, cutOff: "отрезана от базы",
    acts: {
      deploy: "🚀 Деплой", kill: "💀 kill -9", freeze: "🧊 Заморозить на 12 с", cut: "✂️ Отрезать от базы", database: "🗄 Перезапуск базы",
      away: "🌩 kie.ai недоступен", credits: "💸 kie.ai без кредитов", flood: "📵 Telegram 429", crowd: "🌊 40 человек пишут",
    },
    under: (name) => `Идёт: ${name}`, show: "▶ Показать", showing: (n) => `Шаг ${n} из 5`,
    steps: [
      "", "Картинка, как её заказывает пользователь.",
      "Новая версия выходит, пока пишут 40 человек. Старая копия передаёт замок.",
      "kill -9 посреди заказа. Продолжает другая копия; картинка приходит и оплачена один раз.",
      "Действующую копию заморозили. Работу берёт другая. Замороженная просыпается, видит, что её эпоха прошла, и сообщает об этом.",
      "Книги: выдано, зарезервировано и возвращено ровно столько, сколько на счетах.",
    ],
    gapReleased: (s) => `без замка прошло ${s}`, gapStruck: (s) => `от удара до нового держателя ${s}`, noHandOver: "передач ещё не было",
    counters: {
      sent: "отправлено", answered: "отвечено", waiting: "в пути", lost: "потеряно", twice: "дважды", out_of_order: "не по порядку", longest: "дольше всего", money: "деньги",
      made: "сделано", came: "доставлено",
    },
    books: "Книги", given: "выдано", reserved: "зарезервировано", returned: "возвращено", balance: "баланс", balanced: "книги сходятся",
    unbalanced: "книги не сходятся", noBooks: "Записей ещё нет.", timeline: "Последние 90 секунд",
    legend: "▇ держит замок  ░ хранит  ● вызовы Telegram  ✗ события", operatorNote: "оператор", creditsNote: (n) => `кредиты: ${n}`,
    timelineText: (a) => `Лента времени. ${a}`,
    compared: "Для сравнения", comparedBot: "бот", comparedAct: "kill -9 посреди заказа, пока пишут 40 человек", paidCame: "оплачено → пришло",
    recorded: (date) => `Записано ${date} командой tests/bench/peers.py. Оба других бота держат апдейты в памяти, как в примерах их библиотек.`,
  },
});

let on = false;
let acts = [];

export async function startStage() {
  let found = { on: false };
  try {
    found = await get("stage");
  } catch { /* no stage: the simulators run alone */ }
  on = found.on;
  document.body.classList.toggle("staged", on);
  $("stage").hidden = !on;
  $("instance").hidden = on;
  if (!on) return;
  acts = found.acts.filter((name) => name !== "tour");
  build(found);
  draw(found);
}

export function stageEvent(event) { if (on) draw(event.stage); }

async function begin(name) {
  const answer = await fetch(`/sandbox/stage/${name}?lang=${currentLanguage()}`, { method: "POST" });
  if (!answer.ok) toast((await answer.json()).error);
}

// ------------------------------------------------------------------ the parts --

function build(found) {
  const stage = $("stage");
  stage.replaceChildren();
  stage.append(element("h2", "", t("stageTitle")));
  const pair = element("div", "pair", "");
  for (const slot of ["A", "B"]) pair.append(copyCard(slot));
  const lock = element("span", "lock", "🔒");
  lock.id = "lock";
  lock.setAttribute("aria-hidden", "true");
  pair.append(lock);
  stage.append(pair);
  stage.append(named("p", "gap", "gap", "status"));
  const tour = element("button", "tour", t("show"));
  tour.id = "tour";
  tour.onclick = () => {
    // Who orders in the tour speaks the viewer's language, and is not the operator.
    const found = guest();
    if (found) selectUser(found.id);
    begin("tour");
  };
  stage.append(tour, named("p", "step", "step", "status"));
  const buttons = element("div", "acts", "");
  for (const name of acts) {
    const button = element("button", "", t(`acts.${name}`));
    button.dataset.act = name;
    button.onclick = () => begin(name);
    buttons.append(button);
  }
  stage.append(buttons, named("p", "quiet", "under", "status"));
  const counters = element("dl", "counters", "");
  counters.id = "counters";
  stage.append(counters);
  stage.append(element("h2", "", t("timeline")), named("div", "timeline", "timeline"), element("p", "quiet", t("legend")));
  stage.append(element("h2", "", t("books")), named("div", "books", "books"));
  drawCompared(found.recorded);
}

function named(tag, className, id, role) {
  const node = element(tag, className, "");
  node.id = `stage-${id}`;
  if (role) node.setAttribute("role", role);
  return node;
}

function copyCard(slot) {
  const card = element("div", "copy", "");
  card.id = `copy-${slot}`;
  card.append(element("b", "name", ""), element("span", "said", ""), element("small", "", ""));
  return card;
}

function draw(now) {
  for (const copy of now.copies) drawCopy(copy);
  $("lock").dataset.at = now.holder || "none";
  drawGap(now.hand_over);
  const touring = now.act === "tour";
  $("tour").disabled = Boolean(now.act);
  setText($("tour"), touring && now.step ? t("showing", now.step) : t("show"));
  setText($("stage-step"), touring ? t("steps")[now.step] || "" : "");
  for (const button of document.querySelectorAll(".acts button")) {
    button.disabled = Boolean(now.act) && button.dataset.act !== "crowd";
  }
  setText($("stage-under"), now.act && !touring ? t("under", t(`acts.${now.act}`)) : "");
  drawCounters(now);
  drawTimeline(now);
  drawBooks(now.books);
  drawDot(now);
  drawNotes(now.books);
}

function drawCopy(copy) {
  const card = $(`copy-${copy.slot}`);
  card.dataset.state = copy.state;
  const [name, said, rest] = card.children;
  setText(name, `${copy.slot} · v${copy.release}`);
  setText(said, t(`copyStates.${copy.state}`));
  const facts = [copy.epoch ? t("epochOf", copy.epoch) : "", copy.stored == null ? "" : t("storedOf", copy.stored), t("callsOf", copy.calls)];
  setText(rest, copy.cut ? t("cutOff") : facts.filter(Boolean).join(" · "));
}

function seconds(value) {
  const format = (number, unit) => number.toLocaleString(currentLanguage(), { maximumFractionDigits: unit === "ms" ? 0 : 1 });
  const unit = currentLanguage() === "ru" ? ["мс", "с"] : ["ms", "s"];
  return value < 1 ? `${format(value * 1000, "ms")} ${unit[0]}` : `${format(value, "s")} ${unit[1]}`;
}

function drawGap(change) {
  const said = change.to ? `${change.from} → ${change.to}: ${t(change.since === "struck" ? "gapStruck" : "gapReleased", seconds(change.seconds))}` : t("noHandOver");
  setText($("stage-gap"), said);
}

function drawCounters(now) {
  const found = now.counters;
  const wrong = now.books.reduce((sum, row) => sum + Math.abs(row.balance - row.booked), 0);
  const shown = {
    sent: found.sent, answered: found.answered, waiting: found.waiting, lost: found.lost, twice: found.twice,
    out_of_order: found.out_of_order, longest: seconds(found.longest), money: wrong ? `±${wrong}` : "±0",
    made: now.pictures.made, came: now.pictures.came,
  };
  const list = $("counters");
  if (!list.children.length) {
    for (const name of Object.keys(shown)) {
      const pair = element("div", "", "");
      pair.append(element("dt", "", t(`counters.${name}`)), element("dd", "", ""));
      pair.dataset.name = name;
      list.append(pair);
    }
  }
  for (const pair of list.children) {
    const value = shown[pair.dataset.name];
    setText(pair.lastChild, String(value));
    const bad = ["lost", "twice", "out_of_order"].includes(pair.dataset.name) ? value > 0 : pair.dataset.name === "money" && wrong;
    pair.classList.toggle("bad", Boolean(bad));
  }
}

// ---------------------------------------------------------------- the timeline --

const SVG = "http://www.w3.org/2000/svg";

function svg(tag, attributes, title) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (title) node.append(Object.assign(document.createElementNS(SVG, "title"), { textContent: title }));
  return node;
}

function drawTimeline(now) {
  const { seconds: span, spans, marks, calls, lines } = now.timeline;
  const x = (at) => Math.max(0, 300 * (1 - (now.now - at) / span));
  const row = { A: 10, B: 42 };
  const root = svg("svg", { viewBox: "-14 0 316 66", role: "img" });
  const story = marks.map((mark) => `${clock(mark.at)} ${mark.copy}: ${mark.what}`).join("; ");
  root.setAttribute("aria-label", t("timelineText", story));
  for (const slot of ["A", "B"]) {
    const label = svg("text", { x: -13, y: row[slot] + 12, class: "slot" });
    label.textContent = slot;
    root.append(label);
  }
  for (const each of spans) {
    const width = Math.max(0.5, x(each.to) - x(each.from));
    root.append(svg("rect", { x: x(each.from), y: row[each.copy], width, height: 16, class: `span ${each.state}` }, `${each.copy}: ${t(`copyStates.${each.state}`)}`));
  }
  for (const slot of ["A", "B"]) {
    for (const at of calls[slot]) root.append(svg("circle", { cx: x(at), cy: row[slot] - 4, r: 1.6, class: "call" }));
    for (const [at, text] of lines[slot]) {
      if (now.now - at < span) root.append(svg("rect", { x: x(at) - 1.5, y: row[slot], width: 3, height: 16, class: "line" }, `${clock(at)} ${text}`));
    }
  }
  for (const mark of marks) {
    const cross = svg("text", { x: x(mark.at) - 4, y: row[mark.copy] + 13, class: "mark" }, `${clock(mark.at)} ${mark.what}`);
    cross.append("✗");
    root.append(cross);
  }
  $("stage-timeline").replaceChildren(root);
}

// --------------------------------------------------------------------- the rest --

// Added up here, from the rows, and compared with what the accounts hold.
function drawBooks(rows) {
  const sum = (name) => rows.reduce((total, row) => total + (row[name] || 0), 0);
  if (!rows.length) { setText($("stage-books"), t("noBooks")); return; }
  const [given, reserved, returned, balance] = [sum("given"), -sum("reserved"), sum("returned"), sum("balance")];
  const fits = given - reserved + returned === balance;
  setText($("stage-books"), `${t("given")} ${given} − ${t("reserved")} ${reserved} + ${t("returned")} ${returned} = ${given - reserved + returned}; ${t("balance")} ${balance}: ${t(fits ? "balanced" : "unbalanced")}`);
  $("stage-books").classList.toggle("bad", !fits);
}

// Figures of other bots, measured earlier by the same witness.
function drawCompared(recorded) {
  const names = { trt: "TRT", ptb: `python-telegram-bot ${recorded.versions.ptb}`, aiogram: `aiogram ${recorded.versions.aiogram}` };
  const table = element("table", "compared", "");
  table.id = "stage-compared";
  const line = (cells, scope) => {
    const row = element("tr", "", "");
    row.append(...cells.map((text, i) => {
      const heads = scope === "col" || i === 0;
      const cell = element(heads ? "th" : "td", "", text);
      if (heads) cell.scope = scope;
      return cell;
    }));
    return row;
  };
  table.append(element("caption", "", t("comparedAct")));
  table.append(line([t("comparedBot"), t("paidCame"), t("counters.lost"), t("counters.out_of_order"), t("counters.longest")], "col"));
  for (const row of recorded.rows.filter((each) => each.act === "kill")) {
    table.append(line([names[row.bot], `${row.paid} → ${row.came}`, row.lost, row.out_of_order, seconds(row.longest)].map(String), "row"));
  }
  const date = new Date(recorded.on).toLocaleDateString(currentLanguage(), { day: "numeric", month: "long", year: "numeric" });
  $("stage").append(element("h2", "", t("compared")), table, element("p", "quiet", t("recorded", date)));
}

function drawDot(now) {
  const active = now.copies.some((copy) => copy.state === "ACTIVE");
  $("dot").className = `dot ${active ? "ACTIVE" : "STARTING"}`;
}

let notes = "";
function drawNotes(rows) {
  const found = new Map(rows.map((row) => [row.user_id, t("creditsNote", row.balance)]));
  for (const user of state.users.values()) {
    const words = [user.first_name === "Ben" ? t("operatorNote") : "", found.get(user.id) || ""];
    user.note = words.filter(Boolean).join(" · ");
  }
  const text = [...state.users.values()].map((user) => user.note).join("|");
  if (text === notes) return;
  notes = text;
  drawPeople();
}

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
