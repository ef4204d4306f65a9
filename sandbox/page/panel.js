// The side panel: the instance's health and the last calls of the Bot API.

import { $, element, state } from "./store.js";
import { t } from "./words.js";

const SHOWN = 8;

export function addCall(call) {
  const line = element("li", call.status === 200 ? "" : "bad", "");
  line.append(element("span", "", call.method), element("span", "", String(call.status || t("cut"))));
  $("calls").prepend(line);
  while ($("calls").children.length > SHOWN) $("calls").lastChild.remove();
}

export function drawCalls() {
  $("calls").replaceChildren();
  for (const call of state.calls.slice(-SHOWN)) addCall(call);
}

export async function watchInstance() {
  let health = { state: "AWAY" };
  try {
    health = await (await fetch("/sandbox/instance")).json();
  } catch { /* the sandbox itself is gone: AWAY says it */ }
  setText($("state"), health.state);
  $("panel-toggle").title = `${t("panel")}: ${health.state}`;
  $("state").className = `state ${health.state}`;
  $("dot").className = `dot ${health.state}`;
  const queue = health.queue || {};
  const hook = health.webhook?.configured ? t("configured") : t("notSet");
  const verified = health.lock?.last_verified_seconds;
  const facts = {
    status: health.status, reason: health.reason, epoch: health.epoch,
    uptime: health.uptime_seconds === undefined ? undefined : t("seconds", Math.round(health.uptime_seconds)),
    verified: verified == null ? undefined : t("ago", verified),
    webhook: health.bot_mode === "webhook" ? hook : health.bot_mode,
    waiting: queue.unprocessed_updates, jobs: queue.jobs_in_flight,
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
    setText(list.children[2 * i], t(`facts.${name}`));
    setText(list.children[2 * i + 1], String(value));
  });
}

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
