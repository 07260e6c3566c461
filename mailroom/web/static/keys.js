// The keys of a page, bound in this one place. What they do stands in its markup, and the list behind `?` shows the same:
// `data-key` on what a key presses, `data-pick` on what it chooses in an open panel, `data-row-key` in the row that has the
// focus; and a line of the list itself names an act of the page's script.
const TYPING = "input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]";
const MARKS = ["[data-key", "[data-pick", "[data-row-key"];
const single = document.body.dataset.singleKeys !== "off";
const page = { acts: {}, first: () => false, typing: () => false, open: toggle };

document.addEventListener("keydown", onKey);
document.addEventListener("click", onClick);

// Takes what the page's script adds:
//   acts    by the name in the list; one that returns false has nothing to do now
//   first   asked before all others, outside of fields; returns whether the key was its own
//   typing  asked while somebody types in a field
//   open    what becomes of a panel whose key was pressed
export function listen(more) {
  Object.assign(page, more);
  const unknown = lines().filter((line) => !(line.dataset.act === "native" || page.acts[line.dataset.act]));
  if (unknown.length) throw new Error(`No act: ${unknown.map((line) => line.dataset.act)}`);
}

function onKey(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented || document.querySelector("dialog[open]")) return;
  const done = event.target.closest(TYPING) ? page.typing(event) : page.first(event) || act(event);
  if (done) event.preventDefault();
}

function act(event) {
  const { key } = event;
  if (key.length === 1 && !single) return false;
  return press(marked("details[open] [data-pick", key)) || byList(event) || press(onRow(key) ?? marked("[data-key", key));
}

function byList(event) {
  return lines().some((line) => fits(line.dataset.keys, event.key) && line.dataset.act !== "native" && page.acts[line.dataset.act](event) !== false);
}

function fits(keys, key) {
  return keys === "a-z" ? /^[a-z]$/i.test(key) : keys.split(" ").includes(key);
}

function lines() {
  return [...document.querySelectorAll("#keys [data-act]")];
}

function onRow(key) {
  const row = document.activeElement?.closest("[data-row]");
  return row && marked("[data-row-key", key, row);
}

function marked(attribute, key, within = document) {
  return within.querySelector(`${attribute}="${CSS.escape(key)}"]`);
}

function press(element) {
  if (!element) return false;
  const panel = element.matches("details") ? element : element.matches("summary") && element.parentElement;
  if (panel) page.open(panel);
  else if (element.matches("form")) element.requestSubmit();
  else if (element.type === "radio") choose(element);
  else if (element.matches(TYPING)) element.select?.(), element.focus();
  else element.click();
  return true;
}

function choose(radio) {
  radio.checked = true;
  radio.dispatchEvent(new Event("change", { bubbles: true }));
  const onward = radio.dataset.thenTo ? document.getElementById(radio.dataset.thenTo) : radio.dataset.pick && radio;
  onward?.focus();
}

function toggle(panel) {
  panel.open = !panel.open;
}

// Without scripts the link leads to the list, which is then a part of the page.
function onClick(event) {
  const link = event.target.closest('a[href="#keys"], #keys [data-close]');
  if (!link) return;
  event.preventDefault();
  if (link.dataset.close !== undefined) return document.getElementById("keys").close();
  showList(document.getElementById("keys"));
}

// What has gone from the page since is not listed.
function showList(list) {
  for (const line of list.querySelectorAll("[data-keys]:not([data-act])")) {
    line.hidden = !line.dataset.keys.split(" ").some((key) => MARKS.some((attribute) => marked(attribute, key)));
  }
  list.showModal();
  list.querySelector("h2").focus(); // the list is read from its beginning
}
