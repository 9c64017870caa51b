// Keeps the page alive. Without this file everything works as plain forms.
// The server alone turns titles into markup: this script fetches the page anew and swaps its parts.
"use strict";

const LIVE = "[data-live]";
const RETRY_MS = 3000;
let refreshing = null;
let refreshAgain = false;
let ticker = { position: 0, duration: 0, playing: false, since: performance.now() };

function readPosition() {
  const bar = document.getElementById("progress");
  ticker = {
    position: bar ? Number(bar.dataset.position) : 0,
    duration: bar ? Number(bar.dataset.duration) : 0,
    playing: bar !== null && bar.dataset.playing === "yes",
    since: performance.now(),
  };
}

function spoken(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function tick() {
  const bar = document.getElementById("progress");
  if (!bar || !ticker.playing) return;
  const rate = Number(document.body.dataset.rate) || 1;
  const position = Math.min(ticker.duration, ticker.position + (performance.now() - ticker.since) * rate);
  document.getElementById("played").setAttribute("width", String(Math.round(position)));
  document.getElementById("position").textContent = spoken(position);
  bar.setAttribute("aria-valuenow", String(Math.floor(position / 1000)));
  bar.setAttribute("aria-valuetext", `${spoken(position)} of ${spoken(ticker.duration)}`);
}

function swap(fresh, withNotice) {
  const focused = document.activeElement && document.activeElement.id;
  const isBusy = document.activeElement instanceof HTMLSelectElement || document.activeElement instanceof HTMLInputElement;
  for (const part of document.querySelectorAll(LIVE)) {
    const next = fresh.getElementById(part.id);
    if (!next || next.innerHTML === part.innerHTML) continue;
    if (part.id === "notice" && !withNotice) continue; // it answers the last form, and stays until the next
    if (isBusy && part.contains(document.activeElement)) continue; // somebody is choosing or typing just now
    const opened = [...part.querySelectorAll("details[open]")].map((each) => each.id);
    part.replaceChildren(...document.adoptNode(next).childNodes);
    for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
  }
  document.title = fresh.title;
  document.body.dataset.room = fresh.body.dataset.room || "";
  document.body.dataset.rate = fresh.body.dataset.rate || "1";
  if (focused && document.activeElement === document.body) {
    const again = document.getElementById(focused);
    if (again) again.focus({ preventScroll: true });
  }
  readPosition();
}

async function show(response, withNotice) {
  if (new URL(response.url).pathname === "/session") {
    location.assign("/session");
    return;
  }
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  if (fresh.getElementById("room-list")) {
    swap(fresh, withNotice);
  } else {
    const problem = fresh.querySelector("[role=alert]");
    say(problem ? problem.textContent : "The hub answered with a fault.");
  }
}

function say(line) {
  document.getElementById("connection").textContent = line;
}

// One fetch at a time, and one more afterwards where events came meanwhile.
async function refresh() {
  if (refreshing) {
    refreshAgain = true;
    return;
  }
  refreshing = true;
  try {
    await show(await fetch("/", { headers: { Accept: "text/html" }, cache: "no-store" }), false);
  } catch {
    say("The hub does not answer; trying again.");
  } finally {
    refreshing = null;
    if (refreshAgain) {
      refreshAgain = false;
      setTimeout(refresh, 150);
    }
  }
}

async function submit(event) {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || form.getAttribute("action") === "/session/end") return;
  event.preventDefault();
  const button = form.querySelector("button");
  if (form.getAttribute("aria-busy") === "true") return;
  form.setAttribute("aria-busy", "true");
  try {
    const body = new URLSearchParams(new FormData(form));
    await show(await fetch(form.action, { method: "POST", body, headers: { Accept: "text/html" } }), true);
  } catch {
    say("The hub does not answer; nothing was sent twice.");
  } finally {
    form.removeAttribute("aria-busy");
    if (button && button.isConnected && document.activeElement === document.body) button.focus();
  }
}

const EVENTS = [
  "TRACK_CHANGED", "SKIPPED", "COMPLETED", "PARTIAL", "PLAYED", "PAUSED", "RESUMED", "ROOM_ACTIVATED",
  "ROOM_DEACTIVATED", "POOL_CHANGED", "TOPPED_UP", "TAKEOVER", "PLAYER_LOST", "PLAYER_BACK", "LOGIN_EXPIRING",
  "PLUGIN_STATUS",
];

function listen() {
  const stream = new EventSource("/api/events");
  stream.addEventListener("open", () => {
    say("");
    refresh(); // whatever was missed while away
  });
  for (const name of EVENTS) stream.addEventListener(name, refresh);
  stream.addEventListener("error", () => {
    say("The hub does not answer; trying again.");
    if (stream.readyState === EventSource.CLOSED) setTimeout(listen, RETRY_MS); // it gave up; we do not
  });
}

document.addEventListener("submit", submit);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) refresh();
});
readPosition();
setInterval(tick, 500);
listen();
