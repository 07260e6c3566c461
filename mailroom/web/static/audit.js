// Keys of the auditor's pages: a digit says what for, `d` downloads, `/` finds. Without scripts each has its button.
const typing = "input:not([type=radio]), textarea, select";
const byKey = (key) => document.querySelector(`[data-key="${CSS.escape(key)}"]`);

document.addEventListener("keydown", (event) => {
  const off = document.body.dataset.singleKeys === "off";
  if (off || event.ctrlKey || event.metaKey || event.altKey || event.target.matches(typing)) return;
  const box = document.getElementById("words");
  const target = byKey(event.key);
  if (target?.type === "radio") {
    event.preventDefault();
    target.checked = true;
    box.focus();
  } else if (target) {
    event.preventDefault();
    target.click();
  } else if (box && event.key === "/") {
    event.preventDefault();
    box.focus();
  } else if (box && /^[a-z]$/i.test(event.key)) {
    box.focus(); // the letter goes there: a reference can be typed at once
  }
});
