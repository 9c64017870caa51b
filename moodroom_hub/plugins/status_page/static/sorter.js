// One tap, and the next song stands there; keys for whoever has some. Without this file everything works as plain forms.
"use strict";

let isAsking = false;

async function swapTo(response) {
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  const old = document.querySelector("[data-swap]");
  const next = fresh.querySelector("[data-swap]");
  if (!response.ok || !next || new URL(response.url).pathname !== location.pathname) {
    location.assign(response.ok ? response.url : location.pathname);
    return;
  }
  const focused = document.activeElement ? document.activeElement.id : "";
  old.replaceWith(document.adoptNode(next));
  const again = focused && document.getElementById(focused);
  if (again) again.focus({ preventScroll: true });
  const spoken = document.getElementById("spoken"); // it stayed, so that what it says now is read aloud
  if (spoken) spoken.textContent = document.getElementById("song").textContent;
}

async function answer(event) {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || !form.hasAttribute("data-swapping")) return;
  event.preventDefault();
  if (isAsking) return; // a second tap of the same finger was meant for the song that was there
  isAsking = true;
  form.setAttribute("aria-busy", "true");
  try {
    const body = new URLSearchParams(new FormData(form, event.submitter));
    await swapTo(await fetch(form.action, { method: "POST", body, headers: { Accept: "text/html" } }));
  } catch {
    say("The hub does not answer; nothing was sent twice.");
  } finally {
    isAsking = false;
    form.removeAttribute("aria-busy");
  }
}

function tapped(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping()) return;
  if (localStorage.getItem(KEYS_OFF)) return;
  const at = document.activeElement;
  if (event.key === "Enter" && at && (at.nodeName === "BUTTON" || at.nodeName === "A")) return; // its own key
  const chosen = document.querySelector(`[data-key="${CSS.escape(event.key.length === 1 ? event.key.toLowerCase() : event.key)}"]`);
  if (!chosen) return;
  event.preventDefault();
  chosen.click();
}

document.addEventListener("submit", answer);
if (document.getElementById("keys")) document.addEventListener("keydown", tapped);
