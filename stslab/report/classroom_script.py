"""The script that sorts and filters the class's table and shows a cell's reason; the page says all of it without."""

from __future__ import annotations

SCRIPT = """
"use strict";
const table = document.getElementById("matrix"), body = table.tBodies[0], rows = [...body.rows];
const controls = document.getElementById("controls"), name = document.getElementById("wanted-name");
const kind = document.getElementById("wanted-kind"), said = document.getElementById("shown");
const kinds = { all: "th", missed: ".failed, .blocked", person: ".error, .undetermined" };
const ranks = ["failed", "undetermined", "error", "blocked", "carried", "", "absent"];
const order = new Intl.Collator(undefined, { numeric: true });

function filter() {
  const wanted = name.value.trim().toLowerCase();
  let count = 0;
  for (const row of rows) {
    row.hidden = !(row.cells[0].textContent.toLowerCase().includes(wanted) && row.querySelector(kinds[kind.value]));
    count += !row.hidden;
  }
  said.textContent = `${count} of ${rows.length} shown`;
}

function value(cell, column) {
  if (column === 0) return cell.textContent;
  const number = parseFloat(cell.textContent);
  return column > 2 ? ranks.indexOf(cell.className) : Number.isNaN(number) ? -1 : number;
}

function sort(head) {
  const column = Number(head.dataset.column), down = head.ariaSort === "ascending" ? -1 : 1;
  const keyed = rows.map(row => [value(row.cells[column], column), row]);
  keyed.sort(([a], [b]) => down * (column ? a - b : order.compare(a, b)));
  body.append(...keyed.map(pair => pair[1]));
  for (const other of table.querySelectorAll("[aria-sort]")) other.removeAttribute("aria-sort");
  head.ariaSort = down > 0 ? "ascending" : "descending";
}

function explain(event) {
  const cell = event.target.closest("td a[href^='#']");
  if (cell && !cell.title) cell.title = document.getElementById(cell.hash.slice(1)).textContent;
}

for (const head of table.querySelectorAll("[data-column]")) {
  const button = document.createElement("button");
  button.append(...head.childNodes);
  button.addEventListener("click", () => sort(head));
  head.append(button);
}
table.addEventListener("mouseover", explain);
table.addEventListener("focusin", explain);
name.addEventListener("input", filter);
kind.addEventListener("input", filter);
addEventListener("beforeprint", () => document.querySelectorAll("details").forEach(each => { each.open = true; }));
controls.hidden = false;
filter();
"""
