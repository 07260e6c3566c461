// How much waits, beside the words of the bar: brought up to date from a page that was fetched later, without a word.
export function countAsIn(page) {
  for (const link of document.querySelectorAll("#desks a")) {
    const fresh = page.querySelector(`#desks a[href="${link.getAttribute("href")}"]`);
    if (fresh && fresh.innerHTML !== link.innerHTML) link.replaceChildren(...fresh.childNodes);
  }
}

export async function countAnew() {
  const answer = await fetch("/post-room/live").catch(() => null);
  if (answer?.ok) countAsIn(new DOMParser().parseFromString(await answer.text(), "text/html"));
}
