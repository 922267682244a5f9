"use strict";
// Boxes stay ticked, where the browser lets a local page remember anything.
const memory = { get(k) { try { return localStorage.getItem(k); } catch { return null; } },
                 set(k, v) { try { localStorage.setItem(k, v); } catch { /* nothing */ } } };
for (const box of document.querySelectorAll("[data-step]")) {
  box.checked = memory.get(box.dataset.step) === "1";
  box.addEventListener("change", () => memory.set(box.dataset.step, box.checked ? "1" : "0"));
}
// The lines that belong to the one under the pointer, or with the focus.
function twins(line, on) {
  for (const link of line.querySelectorAll(".to a")) {
    document.querySelector(link.getAttribute("href"))?.classList.toggle("twin", on);
  }
}
for (const line of document.querySelectorAll(".lines li")) {
  for (const [event, on] of [["mouseenter", true], ["mouseleave", false], ["focusin", true], ["focusout", false]]) {
    line.addEventListener(event, () => twins(line, on));
  }
}
