// The queue: the ledger is asked for again without anything jumping, and Enter opens the next item.
const EVERY = 15000; // milliseconds

setInterval(refresh, EVERY);
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target === document.body) document.getElementById("next")?.click();
});

async function refresh() {
  if (document.hidden) return;
  try {
    const answer = await fetch("/post-room/live", { redirect: "error" });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("live");
    const shown = document.getElementById("live");
    if (fresh && shown && fresh.innerHTML !== shown.innerHTML) shown.replaceWith(fresh);
  } catch {
    // No connection: what is shown stays, and the next try may succeed.
  }
}
