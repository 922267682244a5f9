"use strict";
// Boxes stay ticked, where the browser lets a local page remember anything.
const memory = { get(k) { try { return localStorage.getItem(k); } catch { return null; } },
                 set(k, v) { try { localStorage.setItem(k, v); } catch { /* nothing */ } } };
for (const box of document.querySelectorAll("[data-step]")) {
  box.checked = memory.get(box.dataset.step) === "1";
  box.addEventListener("change", () => memory.set(box.dataset.step, box.checked ? "1" : "0"));
}
// What is to be typed elsewhere is copied by a button.
async function copy(text) {
  try { await navigator.clipboard.writeText(text); return; } catch { /* not of a local page */ }
  const field = document.createElement("textarea");
  field.value = text;
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}
function button(label, text) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "copies";
  made.textContent = label;
  made.addEventListener("click", async () => {
    await copy(text);
    document.querySelector(".done")?.classList.remove("done");
    made.classList.add("done");
  });
  return made;
}
const quoted = (word) => `'${word.replaceAll("'", "'\\''")}'`;
for (const command of document.querySelectorAll(".copy")) {
  command.after(button("copy", command.textContent));
}
for (const card of document.querySelectorAll("[data-code]")) {
  const source = card.closest("main").dataset.source;
  const command = `xml2poms review accept ${card.dataset.code} --files ${quoted(source)} --reason ''`;
  card.querySelector("h4").append(" ", button("copy what accepts it", command));
}
// An explanation opens when something leads to it.
function open() {
  const target = location.hash && document.getElementById(location.hash.slice(1));
  if (target instanceof HTMLDetailsElement) { target.open = true; }
}
addEventListener("hashchange", open);
open();
// The lines that belong to the one under the pointer, or with the focus.
function twins(event, on) {
  for (const link of event.target.closest(".lines li")?.querySelectorAll("a") ?? []) {
    document.getElementById(link.hash.slice(1))?.classList.toggle("twin", on);
  }
}
for (const [name, on] of [["mouseover", true], ["mouseout", false], ["focusin", true], ["focusout", false]]) {
  document.addEventListener(name, (event) => twins(event, on));
}
