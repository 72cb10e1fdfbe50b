"use strict";
// What is typed and which cell of the table is pressed choose the entries that are shown.
const find = document.getElementById("find");
const shown = document.getElementById("shown");
const entries = [...document.querySelectorAll(".entry")].map((li) => ({ li, link: li.querySelector("a"), text: li.textContent.toLowerCase() }));
const cells = [...document.querySelectorAll("button")];
let cell = null;

function update() {
  const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
  let n = 0;
  for (const { li, text } of entries) {
    const inCell = !cell || (li.dataset.target === cell.dataset.target && (!cell.dataset.oracle || li.dataset.oracle === cell.dataset.oracle));
    li.hidden = !(inCell && words.every((w) => text.includes(w)));
    n += li.hidden ? 0 : 1;
  }
  for (const s of document.querySelectorAll("section")) s.hidden = !s.querySelector(".entry:not([hidden])");
  for (const c of cells) c.setAttribute("aria-pressed", String(c === cell));
  shown.textContent = n === entries.length ? "" : n + " of " + entries.length;
}

function step(d) {
  const links = entries.filter((e) => !e.li.hidden).map((e) => e.link);
  const at = links.indexOf(document.activeElement);
  const next = links[at < 0 ? (d > 0 ? 0 : links.length - 1) : Math.max(0, Math.min(links.length - 1, at + d))];
  if (next) next.focus();
}

find.addEventListener("input", update);
for (const c of cells) {
  c.addEventListener("click", () => {
    cell = c === cell ? null : c;
    update();
  });
}
document.addEventListener("keydown", (e) => {
  if (e.ctrlKey || e.metaKey || e.altKey) return;
  if (e.key === "Escape") {
    cell = null;
    find.value = "";
    find.blur();
    update();
    return;
  }
  if (e.target === find && e.key !== "ArrowDown") return;
  const act = { "/": () => find.focus(), j: () => step(1), k: () => step(-1), ArrowDown: () => step(1), ArrowUp: () => step(-1) }[e.key];
  if (!act) return;
  e.preventDefault();
  act();
});
update();
