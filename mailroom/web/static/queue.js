// The queue: ledger and lines are brought up to date without anything jumping, and Enter opens the next item.
import { countAsIn } from "./counts.js";
import { listen } from "./keys.js";

const EVERY = 15000; // milliseconds
let upToDate = new Date();

setInterval(refresh, EVERY);
document.addEventListener("visibilitychange", refresh);
listen({ acts: { next: ({ target }) => target === document.body && document.getElementById("next").click() } });

async function refresh() {
  if (document.hidden) return;
  try {
    await Promise.all([refreshLedger(), refreshLines()]);
    upToDate = new Date();
    document.getElementById("stale").hidden = true;
  } catch {
    sayThatItIsOld(document.getElementById("stale"));
  }
}

// What is shown stays, and the next try may succeed.
function sayThatItIsOld(place) {
  if (!place.hidden) return;
  const time = upToDate.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  place.hidden = false;
  place.textContent = place.dataset.words.replace("{time}", time);
}

async function refreshLedger() {
  const live = await fresh("/post-room/live", "live");
  if (live) countAsIn(live.ownerDocument);
  replaceIfChanged(live);
}

// A line stays in its place whatever becomes of it: only its last cell says so.
async function refreshLines() {
  const rows = [...document.querySelectorAll("tr[data-line]:not(.mr-gone)")];
  if (!document.querySelector("tr[data-line]")) return replaceIfChanged(await fresh(location.href, "lines"));
  if (!rows.length) return;
  const asked = new URLSearchParams(rows.map((row) => ["item", row.dataset.line]));
  const answer = await fetch(`/post-room/lines.json?${asked}`, { redirect: "error" });
  if (!answer.ok) return;
  const { lines } = await answer.json();
  for (const row of rows) mark(row, lines[row.dataset.line]);
}

function mark(row, line) {
  const { you, gone } = document.getElementById("lines").dataset;
  const said = !line ? gone : line.yours ? you : (line.taken_by ?? "-");
  const shown = row.querySelector("[data-who]");
  if (shown.textContent !== said) shown.textContent = said;
  if (line) return;
  row.classList.add("mr-gone");
  const box = row.querySelector("[name=chosen]");
  if (box) box.checked = false;
}

async function fresh(path, id) {
  const answer = await fetch(path, { redirect: "error" });
  return answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(id) : null;
}

function replaceIfChanged(part) {
  const shown = part && document.getElementById(part.id);
  if (shown && part.innerHTML !== shown.innerHTML) shown.replaceWith(part);
}
