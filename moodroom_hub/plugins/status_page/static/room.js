// While a mining runs, no event tells how far it is: the page looks again by itself (app.js does the looking).
"use strict";

setInterval(() => {
  if (document.querySelector("[data-poll]")) refresh();
}, 2000);
