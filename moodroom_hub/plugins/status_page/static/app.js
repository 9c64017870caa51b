// Keeps any page alive. Without this file everything works as plain links and forms.
// The server alone turns titles into markup: this script fetches the page anew and changes the parts marked data-live
// to what the fresh page holds, node by node, so that what did not change is not touched.
"use strict";

const LIVE = "[data-live]";
const BEAT_MS = 500;
const BURST_MS = 120;
const RETRY_MS = 3000;
const LOOK_MS = 15000; // no event tells that a player cannot be seen any more: what runs on by itself is looked at anew
const EVENTS = [
  "TRACK_CHANGED", "SKIPPED", "COMPLETED", "PARTIAL", "PLAYED", "MOVED", "PAUSED", "RESUMED", "ROOM_ACTIVATED",
  "ROOM_DEACTIVATED", "MOVED", "POOL_CHANGED", "TOPPED_UP", "TAKEOVER", "PLAYER_LOST", "PLAYER_BACK", "LOGIN_EXPIRING",
  "PLUGIN_STATUS",
];
const calm = matchMedia("(prefers-reduced-motion: reduce)");

let stream = null;
let planned = null;
let isFetching = false;
let isOwed = false;
let wanted = null; // the room whose light was asked for by a click that is still under way
let ticker = { position: 0, duration: 0, threshold: Infinity, playing: false, since: 0 };

/* Position, told on between two events. */

function readPosition() {
  const bar = document.getElementById("progress");
  ticker = {
    position: bar ? Number(bar.dataset.position) : 0,
    duration: bar ? Number(bar.dataset.duration) : 0,
    threshold: bar ? Number(bar.dataset.threshold) : Infinity,
    playing: bar !== null && bar.dataset.playing === "yes",
    since: performance.now(),
  };
  tick();
}

function spoken(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function tick() {
  const bar = document.getElementById("progress");
  if (!bar || document.hidden) return;
  const rate = Number(document.body.dataset.rate) || 1;
  const gone = ticker.playing ? (performance.now() - ticker.since) * rate : 0;
  const position = Math.min(ticker.duration, ticker.position + gone);
  const shown = document.getElementById("position");
  if (shown.textContent !== spoken(position)) {
    shown.textContent = spoken(position);
    document.getElementById("played").setAttribute("width", String(Math.round(position)));
    bar.setAttribute("aria-valuenow", String(Math.floor(position / 1000)));
    bar.setAttribute("aria-valuetext", `${spoken(position)} of ${spoken(ticker.duration)}`);
  }
  const before = document.getElementById("next-skip-before");
  if (before) {
    const isPast = position >= ticker.threshold;
    before.hidden = isPast;
    document.getElementById("next-skip-after").hidden = !isPast;
  }
}

/* Moments, in the reader's own time. */

function localise(root) {
  const today = new Date().toDateString();
  for (const each of root.querySelectorAll("time[datetime]")) {
    const at = new Date(each.getAttribute("datetime"));
    if (Number.isNaN(at.getTime())) continue;
    const clock = at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    const day = at.toLocaleDateString([], { day: "numeric", month: "short" });
    each.textContent = at.toDateString() === today ? clock : `${day}, ${clock}`;
  }
}

/* Changing a part to what the fresh page holds. */

function morph(old, fresh) {
  if (old.isEqualNode(fresh)) return;
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && !(name === "open" && old instanceof HTMLDetailsElement)) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  let at = old.firstChild;
  for (const next of [...fresh.childNodes]) {
    const known = match(old, at, next);
    if (!known) {
      const added = document.importNode(next, true);
      old.insertBefore(added, at);
      if (old.hasAttribute("data-arriving") && added instanceof Element) arrive(added);
      continue;
    }
    if (known === at) at = at.nextSibling;
    else old.insertBefore(known, at);
    if (known instanceof Element) morph(known, next);
    else if (known.data !== next.data) known.data = next.data;
  }
  while (at) {
    const gone = at;
    at = at.nextSibling;
    gone.remove();
  }
}

// By id where there is one; else the very next node, if it is of the same kind.
function match(old, at, next) {
  if (next instanceof Element && next.id) {
    const known = document.getElementById(next.id);
    return known && known.parentNode === old && known.nodeName === next.nodeName ? known : null;
  }
  return at && at.nodeName === next.nodeName && !(at instanceof Element && at.id) ? at : null;
}

function arrive(element) {
  if (calm.matches || document.hidden) return;
  element.animate(
    [{ opacity: 0, transform: "translateY(-.5rem)" }, { opacity: 1, transform: "none" }],
    { duration: 900, easing: "ease-out" },
  );
}

// Rows that changed their place glide there.
function places(part) {
  return new Map([...part.querySelectorAll("li[id]")].map((each) => [each.id, each.getBoundingClientRect().top]));
}

function glide(part, before) {
  if (calm.matches || document.hidden) return;
  for (const [id, top] of before) {
    const each = document.getElementById(id);
    if (!each || !part.contains(each)) continue;
    const by = top - each.getBoundingClientRect().top;
    if (Math.abs(by) < 1 || Math.abs(by) > innerHeight) continue;
    each.animate([{ transform: `translateY(${by}px)` }, { transform: "none" }], { duration: 500, easing: "ease-out" });
  }
}

function swap(fresh, withNotice) {
  localise(fresh);
  const focused = document.activeElement ? document.activeElement.id : "";
  for (const part of document.querySelectorAll(LIVE)) {
    const next = fresh.getElementById(part.id);
    if (!next) continue;
    if (part.id === "notice" && !withNotice) continue; // it answers the last form, and stays until the next
    if (part.contains(document.activeElement) && isTyping()) continue;
    const before = places(part);
    morph(part, next);
    glide(part, before);
  }
  document.title = fresh.title;
  document.body.dataset.rate = fresh.body.dataset.rate || "1";
  if (fresh.body.dataset.zone) document.body.dataset.zone = fresh.body.dataset.zone;
  light(wanted ?? fresh.body.dataset.room ?? "");
  if (focused && document.activeElement === document.body) {
    const again = document.getElementById(focused);
    if (again) again.focus({ preventScroll: true });
  }
  readPosition();
}

function isTyping() {
  const at = document.activeElement;
  return at instanceof HTMLSelectElement || at instanceof HTMLTextAreaElement
    || (at instanceof HTMLInputElement && !["checkbox", "radio", "button", "submit"].includes(at.type));
}

/* The stage. Its loops are the stylesheet's; moved on from here, they cost a tenth of what they would by themselves. */

let loops = [];

function findLoops() {
  document.body.classList.add("driven");
  loops = [...document.querySelectorAll(".blob")].flatMap((each) => each.getAnimations());
  const at = Date.now() % 1_000_000; // so that a page opened again goes on about where it was
  for (const loop of loops) loop.currentTime = at;
}

// One beat for all that moves, so that it costs one picture.
function beat() {
  if (document.hidden) return;
  for (const loop of loops) loop.currentTime += BEAT_MS;
  tick();
}

function light(room) {
  if (document.body.dataset.room !== room) document.body.dataset.room = room;
  const edge = getComputedStyle(document.body).getPropertyValue("--room-from").trim();
  for (const each of document.querySelectorAll("meta[name=theme-color]")) {
    if (matchMedia(each.media).matches && edge && each.content !== edge) each.content = edge;
  }
}

/* Asking the hub. */

function say(line) {
  const shown = document.getElementById("connection");
  if (shown && shown.textContent !== line) shown.textContent = line;
}

async function show(response, withNotice, asked = here()) {
  const { pathname, searchParams } = new URL(response.url);
  if (pathname === "/session") {
    location.assign("/session");
    return;
  }
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  const alert = fresh.querySelector("[role=alert]");
  if (asked !== here()) {
    refresh(); // meanwhile another zone was chosen: this answer is about the former one
  } else if (response.ok && pathname === location.pathname) {
    const zone = searchParams.get("zone");
    if (zone !== zoneOf(location)) history.pushState(null, "", zonePage(zone)); // the form led there
    swap(fresh, withNotice);
  } else if (alert && alert.textContent.trim()) {
    say(alert.textContent.trim());
  } else if (response.ok) {
    location.assign(pathname);
  } else {
    say("The hub answered with a fault.");
  }
}

// One fetch for a burst of events, never two at a time, none while nobody looks.
function refresh() {
  if (document.hidden || !document.querySelector(LIVE)) return;
  if (isFetching) {
    isOwed = true;
  } else if (planned === null) {
    planned = setTimeout(fetchPage, BURST_MS);
  }
}

async function fetchPage() {
  planned = null;
  isFetching = true;
  const asking = here();
  try {
    const address = new URL(location.href);
    address.searchParams.delete("problem");
    await show(await fetch(address, { headers: { Accept: "text/html", "X-Refresh": "1" }, cache: "no-store" }), false, asking);
  } catch {
    say("The hub does not answer; trying again.");
  } finally {
    isFetching = false;
    if (isOwed) {
      isOwed = false;
      refresh();
    }
  }
}

async function submit(event) {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || form.method !== "post" || form.hasAttribute("data-plain")) return;
  if (form.getAttribute("action") === "/session/end" || !document.querySelector(LIVE)) return;
  event.preventDefault();
  if (form.getAttribute("aria-busy") === "true") return;
  const button = event.submitter;
  const asking = here();
  const hasLight = form.hasAttribute("data-light");
  const before = document.body.dataset.room ?? "";
  const asked = form.dataset.light;
  form.setAttribute("aria-busy", "true");
  if (hasLight) light((wanted = asked)); // at once; the hub's answer says whether it stays
  let isAnswered = false;
  try {
    const body = new URLSearchParams(new FormData(form, button));
    const response = await fetch(form.action, { method: "POST", body, headers: { Accept: "text/html" } });
    if (hasLight && wanted === asked) wanted = null; // a later click has its own answer to wait for
    isAnswered = response.ok;
    await show(response, true, asking);
  } catch {
    say("The hub does not answer; nothing was sent twice.");
  } finally {
    if (hasLight && !isAnswered && (wanted === asked || wanted === null)) {
      wanted = null;
      light(before);
    }
    form.removeAttribute("aria-busy");
    if (button && button.isConnected && document.activeElement === document.body) button.focus({ preventScroll: true });
  }
}

function listen() {
  if (stream || document.hidden || !document.querySelector(LIVE)) return;
  const own = (stream = new EventSource("/api/events"));
  own.addEventListener("open", () => {
    say("");
    refresh(); // whatever was missed while away
  });
  own.addEventListener("MOVED", moveAlong);
  for (const name of EVENTS) own.addEventListener(name, refresh);
  own.addEventListener("error", () => {
    say("The hub does not answer; trying again.");
    if (own.readyState === EventSource.CLOSED && stream === own) { // it gave up; we do not
      stream = null;
      setTimeout(listen, RETRY_MS);
    }
  });
}

// A page that nobody looks at holds no connection: browsers allow six to one host, and tabs are left open.
function rest() {
  stream?.close();
  stream = null;
}

/* Zones: each has a page of its own, which is remembered in the address only. */

function here() {
  return location.pathname + (zoneOf(location) ?? "");
}

function zoneOf(address) {
  return new URLSearchParams(address.search).get("zone");
}

function zonePage(zone) {
  return zone === null ? location.pathname : `${location.pathname}?${new URLSearchParams({ zone })}`;
}

function choose(event) {
  const link = event.target instanceof Element ? event.target.closest("a[data-zone]") : null;
  if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  if (link.href !== location.href) history.pushState(null, "", link.href);
  refresh();
}

// The music goes on in another zone: so does the page that shows it.
function moveAlong(event) {
  const { zone, to } = JSON.parse(event.data);
  if (zone === document.body.dataset.zone && to) history.replaceState(null, "", zonePage(to));
}

/* Keys, where they are wanted: some people's tools press single keys by themselves. */

const KEYS_OFF = "moodroom-keys-off";

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping()) return;
  if (localStorage.getItem(KEYS_OFF)) return;
  const names = { p: ["player-pause", "player-play"], n: ["player-next"] }[event.key.toLowerCase()]
    ?? (/^[1-9]$/.test(event.key) ? [`room-${event.key}`] : []);
  const button = names.map((name) => document.getElementById(name)).find((each) => each);
  if (!button) return;
  event.preventDefault();
  button.click();
}

function offerKeys() {
  const keys = document.getElementById("keys");
  if (!keys) return;
  const button = keys.querySelector("button");
  const tell = () => button.setAttribute("aria-pressed", String(!localStorage.getItem(KEYS_OFF)));
  button.addEventListener("click", () => {
    if (localStorage.getItem(KEYS_OFF)) localStorage.removeItem(KEYS_OFF);
    else localStorage.setItem(KEYS_OFF, "1");
    tell();
  });
  tell();
  keys.hidden = false;
  document.addEventListener("keydown", pressed);
}

document.addEventListener("submit", submit);
document.addEventListener("click", choose);
addEventListener("popstate", refresh);
document.addEventListener("visibilitychange", () => {
  document.body.classList.toggle("away", document.hidden);
  if (document.hidden) rest();
  else listen();
});
addEventListener("pagehide", rest);
addEventListener("pageshow", (event) => event.persisted && listen());
localise(document);
readPosition();
findLoops();
calm.addEventListener("change", findLoops);
setInterval(beat, BEAT_MS);
setInterval(() => ticker.playing && refresh(), LOOK_MS);
offerKeys();
listen();
