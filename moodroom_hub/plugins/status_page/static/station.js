// A knob that is let go of counts at once. Without this file there is the button beside it.
"use strict";

const SETTLE_MS = 300;
const tuning = document.getElementById("tune");
let sending = null;

function tell(event) {
  const told = tuning.querySelector(`output[for="${CSS.escape(event.target.id)}"]`);
  if (told) told.textContent = Number(event.target.value).toFixed(2);
}

// Keys change it step by step: only where it stays is sent, and not while the last one is under way.
function send() {
  clearTimeout(sending);
  sending = setTimeout(() => {
    if (tuning.getAttribute("aria-busy") === "true") send();
    else tuning.requestSubmit(document.getElementById("tune-submit"));
  }, SETTLE_MS);
}

if (tuning) {
  tuning.addEventListener("input", tell);
  tuning.addEventListener("change", send);
}
