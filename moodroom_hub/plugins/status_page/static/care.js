// Countdowns that tick between two events, copyable addresses, files into text fields, and a page that follows a job.
// Everything here is a comfort: without it the same pages are plain forms.
"use strict";

const begun = new WeakMap(); // element -> what it was told, and when

function countDown() {
  for (const each of document.querySelectorAll("[data-left-ms]")) {
    const told = Number(each.dataset.leftMs);
    let known = begun.get(each);
    if (!known || known.told !== told) {
      known = { told, at: performance.now() };
      begun.set(each, known);
    }
    const left = Math.max(0, told - (performance.now() - known.at));
    const shown = each.querySelector(".countdown");
    const text = String(Math.ceil(left / 1000));
    if (shown && shown.textContent !== text) shown.textContent = text;
    if (left === 0 && !each.hidden) {
      each.hidden = true;
      if (typeof refresh === "function") refresh();
    }
  }
}

function offerCopies() {
  if (!navigator.clipboard) return;
  for (const button of document.querySelectorAll("button[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
      button.textContent = "Copied";
    });
  }
}

function offerFiles() {
  for (const input of document.querySelectorAll("input[type=file][data-into]")) {
    input.closest("[hidden]")?.removeAttribute("hidden");
    input.addEventListener("change", async () => {
      if (input.files.length) document.getElementById(input.dataset.into).value = await input.files[0].text();
    });
  }
}

// While something is under way that no event tells of.
function follow() {
  if (document.querySelector("[data-busy]") && typeof refresh === "function") refresh();
}

async function awaitHub() {
  const page = document.querySelector("[data-await-hub]");
  if (!page) return;
  try {
    const told = await (await fetch("/livez", { cache: "no-store" })).json();
    // The first answers may still be the old hub's, which is about to stop.
    if (told.started_at !== page.dataset.startedAt) location.assign(page.dataset.awaitHub);
  } catch { /* not yet */ }
}

countDown();
offerCopies();
offerFiles();
setInterval(countDown, 250);
setInterval(follow, 2000);
setInterval(awaitHub, 500);
