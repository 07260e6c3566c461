// What every page does with scripts: the design system's components, and a warning before a sitting ends.
import { initAll } from "./made/govuk-frontend.js";

const WARN_BEFORE = 5 * 60; // seconds

initAll();
watchSitting(document.body, document.getElementById("sitting-ends"));

function watchSitting(body, dialog) {
  if (!dialog) return;
  let timer = setTimeout(warn, delayTo(body.dataset.endsIn));
  document.getElementById("stay").addEventListener("click", stay);

  function warn() {
    dialog.showModal();
  }

  async function stay() {
    const answer = await fetch("/stay", {
      method: "POST",
      headers: { Accept: "application/json", "X-CSRF-Token": body.dataset.csrf },
    });
    dialog.close();
    if (!answer.ok) {
      location.reload(); // the sitting has ended: the page says so and leads back here
      return;
    }
    clearTimeout(timer);
    const endsIn = (await answer.json()).ends_in;
    if (endsIn > WARN_BEFORE) timer = setTimeout(warn, delayTo(endsIn)); // the day's last minutes were warned of
  }
}

// A span and no moment: the clock of this machine may be wrong.
function delayTo(endsIn) {
  return Math.max(0, endsIn - WARN_BEFORE) * 1000;
}
