// One letter does what a link, button or panel of the page does, for those who have single keys switched on.
// data-key="a" on the element itself; in a table with data-rows, j and k walk the rows and a row's own keys act on it.
const TYPING = "input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]";
const IN_A_CASE = { r: "return", c: "close", n: "note", b: "bring-forward", g: "allocate" };

const rows = [...document.querySelectorAll("[data-rows] [data-row]")];
if (document.body.dataset.singleKeys !== "off") document.addEventListener("keydown", onKey);
for (const panel of document.querySelectorAll("details[name=actions]")) panel.addEventListener("toggle", () => enter(panel));
openNamed();
if (rows.length && !document.querySelector("[autofocus], .govuk-error-summary")) walkTo(rowNamed());

function onKey(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
  if (event.key === "Escape") return shut();
  if (event.target.closest(TYPING) || document.querySelector("dialog[open]")) return;
  if (act(event.key)) event.preventDefault();
}

function act(key) {
  return walk(key) || choose(key) || onRow(key) || press(document.querySelector(`[data-key="${CSS.escape(key)}"]`));
}

function walk(key) {
  const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[key];
  const arrows = key.startsWith("Arrow");
  if (!step || !rows.length || (arrows && !current() && document.activeElement !== document.body)) return false;
  const place = rows.indexOf(current());
  walkTo(rows[Math.min(rows.length - 1, Math.max(0, place < 0 ? 0 : place + step))]);
  return true;
}

// Digits choose in the panel that is open.
function choose(key) {
  if (!/^[1-9]$/.test(key)) return false;
  const choice = document.querySelectorAll("details[name=actions][open] input[type=radio]")[key - 1];
  if (!choice) return false;
  choice.checked = true;
  choice.focus();
  return true;
}

function onRow(key) {
  const row = current();
  if (!row) return false;
  const form = row.querySelector(`form[data-row-key="${CSS.escape(key)}"]`);
  if (form) return form.requestSubmit(), true;
  const link = row.querySelector("[data-open]");
  if (key === "w") return location.assign(link.href.replace("?", "/reply?")), true;
  if (!IN_A_CASE[key]) return false;
  location.assign(`${link.href}#open-${IN_A_CASE[key]}`);
  return true;
}

function press(element) {
  if (!element) return false;
  const panel = element.closest("details");
  if (!panel) return element.click(), true;
  panel.open = !panel.open;
  enter(panel); // at once: the next letter may be typed already
  return true;
}

function current() {
  return document.activeElement?.closest("[data-row]");
}

function walkTo(row) {
  row?.querySelector("[data-open]").focus();
}

function rowNamed() {
  // No element has this name: a browser that jumps to one takes the focus away again.
  const number = /^#at-(\d+)$/.exec(location.hash)?.[1] ?? 1;
  return rows[Math.min(number, rows.length) - 1];
}

function openNamed() {
  const name = /^#open-([a-z-]+)$/.exec(location.hash)?.[1];
  const panel = name && document.getElementById(name);
  if (panel) panel.open = true;
  enter(panel || document.querySelector("details[name=actions][open]"));
}

// Whoever opens a panel goes on in it.
function enter(panel) {
  if (!panel?.open || panel.contains(document.activeElement)) return;
  (panel.querySelector("input[type=radio]:checked") ?? panel.querySelector("input:not([type=hidden]), textarea"))?.focus();
}

function shut() {
  const panel = document.querySelector("details[name=actions][open]");
  if (!panel) return;
  panel.open = false;
  panel.querySelector("summary").focus();
}
