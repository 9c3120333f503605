"use strict";
const search = document.getElementById("search");
const count = document.getElementById("count");
const rows = [...document.querySelectorAll("tbody tr")];
const states = [...document.querySelectorAll(".states button")];
const texts = new Map(rows.map((row) => [row, text(row).toLowerCase()]));
const order = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

function text(row) {
  return [...row.cells].map((cell) => `${cell.textContent} ${cell.title}`).join(" ");
}

function show() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const pressed = states.find((button) => button.getAttribute("aria-pressed") === "true");
  const state = pressed ? pressed.dataset.state : "";
  let shown = 0;
  for (const row of rows) {
    const fits = (!state || row.dataset.state === state) && words.every((word) => texts.get(row).includes(word));
    row.hidden = !fits;
    shown += fits ? 1 : 0;
  }
  for (const section of document.querySelectorAll("section")) {
    section.hidden = !section.querySelector("tbody tr:not([hidden])");
  }
  count.textContent = shown === rows.length ? `${rows.length} rows` : `${shown} of ${rows.length} rows`;
}

function value(row, column) {
  const cell = row.cells[column];
  return cell.dataset.sort ?? cell.textContent;
}

function sort(button) {
  const head = button.closest("th");
  const body = head.closest("table").tBodies[0];
  const descending = head.getAttribute("aria-sort") === "ascending";
  for (const other of head.parentElement.cells) {
    other.removeAttribute("aria-sort");
  }
  head.setAttribute("aria-sort", descending ? "descending" : "ascending");
  const sorted = [...body.rows].sort((a, b) => order.compare(value(a, head.cellIndex), value(b, head.cellIndex)));
  body.append(...(descending ? sorted.reverse() : sorted));
}

search.addEventListener("input", show);
for (const button of states) {
  button.addEventListener("click", () => {
    const press = button.getAttribute("aria-pressed") !== "true";
    states.forEach((other) => other.setAttribute("aria-pressed", String(press && other === button)));
    show();
  });
}
for (const button of document.querySelectorAll("th button")) {
  button.addEventListener("click", () => sort(button));
}
show();
