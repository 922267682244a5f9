"use strict";
// Remembered for this page, where the browser lets a local page remember anything.
const memory = { get(k) { try { return localStorage.getItem(`${location.pathname} ${k}`); } catch { return null; } },
                 set(k, v) { try { localStorage.setItem(`${location.pathname} ${k}`, v); } catch { /* nothing */ } } };
const table = document.getElementById("rows"), body = table.tBodies[0];
const headings = [...table.tHead.rows[0].cells];
const filter = document.getElementById("filter"), status = document.getElementById("status");
const rows = [...body.rows].filter((row) => row.cells.length > 1);
for (const row of rows) { row.words = row.cells[0].textContent.toLowerCase(); }
const visible = () => [...body.rows].filter((row) => !row.hidden && row.cells.length > 1);
const sums = headings.map((heading, k) => k > 0 && "sum" in heading.dataset ? k : -1).filter((k) => k > 0);

function show() {
  const words = filter.value.toLowerCase(), wanted = status ? status.value : "";
  let count = 0;
  const totals = sums.map(() => 0);
  for (const row of rows) {
    const on = row.words.includes(words) && (!wanted || row.cells[1].textContent === wanted);
    row.hidden = !on;
    if (on) {
      count += 1;
      sums.forEach((k, n) => { totals[n] += Number(row.cells[k].textContent); });
    }
  }
  const parts = sums.map((k, n) => `${totals[n].toLocaleString("en")} ${headings[k].textContent.trim()}`);
  document.getElementById("shown").textContent =
    `${count.toLocaleString("en")} of ${rows.length.toLocaleString("en")} rows here: ${parts.join(", ")}`;
  memory.set("filter", filter.value);
  if (status) { memory.set("status", wanted); }
}

function sort(column, down) {
  const number = headings[column].classList.contains("number");
  const value = (row) => number ? Number(row.cells[column].textContent) : row.cells[column].textContent;
  rows.sort((a, b) => {
    const x = value(a), y = value(b);
    return (x < y ? -1 : x > y ? 1 : 0) * (down ? -1 : 1);
  });
  body.append(...rows);
  headings.forEach((heading, k) => {
    if (k === column) { heading.setAttribute("aria-sort", down ? "descending" : "ascending"); }
    else { heading.removeAttribute("aria-sort"); }
  });
}

headings.forEach((heading, column) => {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = heading.textContent;
  heading.replaceChildren(button);
  button.addEventListener("click", () => {
    const number = heading.classList.contains("number");
    const now = heading.getAttribute("aria-sort");
    sort(column, now ? now === "ascending" : number);
  });
});

let here = -1;
function go(step) {
  const all = visible();
  if (!all.length) { return; }
  body.querySelector(".here")?.classList.remove("here");
  here = Math.max(0, Math.min(all.length - 1, here + step));
  const row = all[here];
  row.classList.add("here");
  row.scrollIntoView({ block: "nearest" });
  row.querySelector("a")?.focus({ preventScroll: true });
}
function next() {
  if (status) {
    status.selectedIndex = (status.selectedIndex + 1) % status.options.length;
    show();
  } else {
    const now = headings.findIndex((heading) => heading.hasAttribute("aria-sort"));
    const column = (now + 1) % headings.length;
    sort(column, headings[column].classList.contains("number"));
  }
  here = -1;
}
const help = document.getElementById("help"), keys = document.getElementById("keys");
function toggle() {
  keys.hidden = !keys.hidden;
  help.setAttribute("aria-expanded", String(!keys.hidden));
}
help.addEventListener("click", toggle);
const actions = { j: () => go(1), k: () => go(-1), "/": () => filter.focus(), s: next, "?": toggle };
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") { document.activeElement.blur(); return; }
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select")) { return; }
  const action = actions[event.key];
  if (action) { event.preventDefault(); action(); }
});
filter.addEventListener("input", show);
status?.addEventListener("change", show);
document.querySelector(".tools").hidden = false;
filter.value = memory.get("filter") ?? "";
if (status) {
  const known = memory.get("status");
  if ([...status.options].some((option) => option.value === known)) { status.value = known; }
}
show();
