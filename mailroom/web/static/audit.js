// The auditor's pages by keys: a letter that means nothing else goes into the field, so that a reference is typed at once.
import { listen } from "./keys.js";

listen({
  acts: {
    type: () => {
      document.getElementById("words").focus();
      return false; // the letter itself is the field's
    },
  },
  open: (panel) => {
    panel.open = !panel.open;
    if (panel.open) panel.querySelector("input:not([type=hidden]), textarea")?.focus();
  },
});
