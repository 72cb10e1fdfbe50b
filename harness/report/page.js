"use strict";
// Keys and the pointer choose an event; its facts are shown beside the program. Nothing here makes markup of text.
const pane = document.getElementById("pane");
const rows = [...document.querySelectorAll(".row")];
const facts = JSON.parse(document.getElementById("data").textContent) || [];
const list = document.getElementById("facts");
const over = document.getElementById("over");
let chosen = null;

function show(row) {
  if (!row) return;
  const f = facts[row.dataset.n - 1];
  const parts = [];
  for (const [label, text] of f.list) {
    const dt = document.createElement("dt"), dd = document.createElement("dd");
    dt.textContent = label;
    dd.textContent = text;
    dd.className = label;
    parts.push(dt, dd);
  }
  if (f.times) {
    const dt = document.createElement("dt"), dd = document.createElement("dd");
    dt.textContent = "again at";
    dd.textContent = f.times.join(", ");
    parts.push(dt, dd);
  }
  list.replaceChildren(...parts);
}

function unfold(head, open) {
  head.setAttribute("aria-expanded", String(open));
  for (const row of rows) if (row.dataset.in === head.dataset.n) row.hidden = !open;
}

function choose(row, how) {
  if (!row) return;
  if (row.hidden) unfold(rows[row.dataset.in - 1], true);
  if (chosen) {
    chosen.removeAttribute("aria-selected");
    chosen.tabIndex = -1;
  }
  chosen = row;
  row.setAttribute("aria-selected", "true");
  row.tabIndex = 0;
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: how || "nearest" });
  show(row);
}

// step is the row d visible rows on, or the last one in that direction.
function step(d) {
  const seen = rows.filter((r) => !r.hidden);
  return seen[Math.max(0, Math.min(seen.length - 1, seen.indexOf(chosen) + d))];
}

// jump is the next fault or violation in direction d.
function jump(d) {
  const at = rows.indexOf(chosen);
  const ahead = d > 0 ? rows.slice(at + 1) : rows.slice(0, Math.max(0, at)).reverse();
  return ahead.find((r) => "jump" in r.dataset);
}

const violation = document.querySelector(".row.violation");
const keys = {
  ArrowDown: () => choose(step(1)), ArrowUp: () => choose(step(-1)), j: () => choose(step(1)), k: () => choose(step(-1)),
  PageDown: () => choose(step(15)), PageUp: () => choose(step(-15)), Home: () => choose(rows[0]), End: () => choose(step(rows.length)),
  n: () => choose(jump(1), "center"), p: () => choose(jump(-1), "center"), v: () => choose(violation, "center"),
  Enter: () => chosen && chosen.hasAttribute("aria-expanded") && unfold(chosen, chosen.getAttribute("aria-expanded") === "false"),
  ArrowRight: () => chosen && chosen.hasAttribute("aria-expanded") && unfold(chosen, true),
  ArrowLeft: () => {
    if (!chosen) return;
    if (chosen.dataset.in) choose(rows[chosen.dataset.in - 1]);
    if (chosen.hasAttribute("aria-expanded")) unfold(chosen, false);
  },
};

document.addEventListener("keydown", (e) => {
  if (e.ctrlKey || e.metaKey || e.altKey || !(e.key in keys)) return;
  if (e.key === "Enter" && e.target.closest("a")) return;
  e.preventDefault();
  keys[e.key]();
});
pane.addEventListener("pointerover", (e) => show(e.target.closest(".row") || chosen));
pane.addEventListener("pointerleave", () => show(chosen));
pane.addEventListener("click", (e) => {
  const row = e.target.closest(".row");
  if (!row) return;
  choose(row);
  if (row.hasAttribute("aria-expanded")) keys.Enter();
});
over.addEventListener("click", (e) => {
  const box = over.getBoundingClientRect();
  const at = (over.dataset.end * (e.clientX - box.left)) / box.width;
  choose(rows.findLast((r) => !r.hidden && r.dataset.at <= at) || rows[0], "center");
});
function follow() {
  const row = /^#e\d+$/.test(location.hash) && rows[location.hash.slice(2) - 1];
  if (row) choose(row, "center");
  return row;
}
addEventListener("hashchange", follow);
follow() || choose(violation || rows[0], violation ? "center" : "nearest");
