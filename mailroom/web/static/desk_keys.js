// Rows that are walked by keys, each of which leads to its item; and the panels of a case, in which whoever opens one goes on.
import { listen } from "./keys.js";

const IN_A_CASE = ["return", "close", "note", "bring-forward", "allocate"];

const rows = [...document.querySelectorAll("[data-rows] [data-row]")];
listen({
  acts: {
    down: (event) => walk(event, 1),
    up: (event) => walk(event, -1),
    reply: () => goTo((address) => address.replace("?", "/reply?")),
    ...Object.fromEntries(IN_A_CASE.map((name) => [name, () => goTo((address) => `${address}#open-${name}`)])),
    shut,
  },
  typing: ({ key }) => key === "Escape" && shut(),
  open: openOrShut,
});
for (const panel of document.querySelectorAll("details[name=actions]")) panel.addEventListener("toggle", () => enter(panel));
openNamed();
if (rows.length && !document.querySelector("[autofocus], .govuk-error-summary")) walkTo(rowNamed());

function walk({ key }, step) {
  if (!rows.length || (key.startsWith("Arrow") && !current() && document.activeElement !== document.body)) return false;
  const place = rows.indexOf(current());
  walkTo(rows[Math.min(rows.length - 1, Math.max(0, place < 0 ? 0 : place + step))]);
}

function goTo(addressOf) {
  const link = current()?.querySelector("[data-open]");
  if (!link) return false;
  location.assign(addressOf(link.href));
}

function openOrShut(panel) {
  panel.open = !panel.open;
  enter(panel); // at once: the next letter may be typed already
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

function enter(panel) {
  if (!panel?.open || panel.contains(document.activeElement)) return;
  (panel.querySelector("input[type=radio]:checked") ?? panel.querySelector("input:not([type=hidden]), textarea"))?.focus();
}

function shut() {
  const panel = document.querySelector("details[name=actions][open]");
  if (!panel) return false;
  panel.open = false;
  panel.querySelector("summary").focus();
}
