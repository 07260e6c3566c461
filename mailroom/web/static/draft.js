// Shows a reply as it would go out while its words are typed; without it, the button "Show it" does the same.
const WAIT = 400; // milliseconds after the last key

const form = document.querySelector("[data-draft-form]");
let timer, asked;
form?.addEventListener("input", (event) => {
  if (!event.target.dataset.draft) return;
  clearTimeout(timer);
  timer = setTimeout(show, WAIT);
});
form?.addEventListener("submit", () => clearTimeout(timer));

async function show() {
  const mine = (asked = new AbortController());
  const body = new URLSearchParams(new FormData(form));
  body.set("do", "show");
  try {
    const answer = await fetch(form.action, { method: "POST", body, signal: mine.signal });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("draft");
    if (fresh && mine === asked) document.getElementById("draft").replaceChildren(...fresh.childNodes);
  } catch {
    // The connection is gone: what was typed stays, and sending says so.
  }
}
