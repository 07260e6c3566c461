// The bench by keys: digits choose, Enter confirms and brings the next item, which is loaded already.
import { countAnew, countAsIn } from "./counts.js";
import { listen } from "./keys.js";
import { Sheet } from "./sheet.js";
import { typeahead } from "./typeahead.js";

const SIGN_OF_LIFE = 120000; // milliseconds between two, while somebody works here
const AHEAD = { "Mailroom-Ahead": "1" };
let bench, sheet, field, other, ahead, loaded, saving, lastSign, busy;

document.addEventListener("submit", onSubmit);
document.addEventListener("pagehide", giveAheadBack);
for (const sign of ["keydown", "pointerdown", "wheel"]) document.addEventListener(sign, showLife, { passive: true });
begin();

function begin(told) {
  bench = document.getElementById("bench");
  sheet = new Sheet(bench);
  sheet.taken = putWord;
  saving = Promise.resolve();
  lastSign = Date.now();
  field = null;
  ahead = loaded = null;
  busy = false;
  const select = bench.querySelector("#other");
  other = select && typeahead(select, () => confirm());
  bench.addEventListener("click", onClick);
  bench.addEventListener("change", onChange);
  bench.addEventListener("focusin", onFocus);
  bench.addEventListener("toggle", onToggle, true);
  sheet.light(chosenNumber());
  if (told) say(bench.querySelector("#said"), told.sentence, told.parts);
  loadAhead();
}

listen({
  acts: {
    confirm: ({ repeat, target }) => repeat || (target.matches("a, button, summary") ? false : confirm()), // a key held down is one decision
    shut: closeActs,
    back: (event) => turnOver(event, -1),
    forward: (event) => turnOver(event, 1),
    "turn-left": () => sheet.turn(-90),
    other: () => other?.focus(),
    field: nextField,
    words: startWords,
  },
  first: ({ key }) => bench && sheet.typeLabel(key),
  typing: inField,
  open: openAct,
});

function inField({ key, target }) {
  if (key === "Escape") target.blur();
  if (key !== "Enter" || !target.dataset.field) return false;
  target.blur();
  return true;
}

function turnOver({ target }, by) {
  const scrolls = target.id === "frame" && Number(sheet.page?.dataset.zoom) > 1;
  if (scrolls || target.matches("[type=radio]")) return false;
  sheet.show(sheet.place + by);
}

// Whoever chooses a suggestion does not mean what they typed before.
function choose() {
  if (other) other.value = "";
  sheet.light(chosenNumber());
}

function chosenNumber() {
  return bench.querySelector("[name=choice]:checked")?.dataset.number;
}

function confirm() {
  bench.querySelector("#decide")?.requestSubmit();
}

function openAct(act) {
  closeActs();
  act.open = true;
  if (act.id === "act-split") markSplit(act);
  firstOf(act)?.focus();
}

// Where the next key goes: Enter does the likeliest thing at once, unless each choice means something else.
function firstOf(act) {
  if (act.id === "act-split") return act.querySelector("form > button");
  if (act.id === "act-join") return act.querySelector("[data-pick]") ?? act.querySelector("#into");
  if (act.querySelector("[data-pick]")) return act.querySelector("summary");
  return act.querySelector("textarea, input:not([type=hidden]), button");
}

// Other items' pictures are fetched only for whoever opens the panel: to have fetched one is to have looked at it.
function onToggle({ target }) {
  if (!target.open) return;
  for (const picture of target.querySelectorAll("img[data-src]")) picture.src = picture.dataset.src;
  target.scrollIntoView({ block: "nearest" });
}

function markSplit(act) {
  const box = act.querySelector(`[name=first][value="${sheet.place}"]`);
  if (box) box.checked = true;
}

function closeActs() {
  for (const open of bench.querySelectorAll("details[open]")) open.open = false;
}

function onClick(event) {
  const link = event.target.closest("a[data-place], a[data-act]");
  if (!link) return;
  const acts = { back: () => sheet.show(sheet.place - 1), forward: () => sheet.show(sheet.place + 1), larger: () => sheet.zoom(1), smaller: () => sheet.zoom(-1), turn: () => sheet.turn(90) };
  event.preventDefault();
  if (link.dataset.act) acts[link.dataset.act]();
  else sheet.show(Number(link.dataset.place));
}

function onFocus(event) {
  if (!event.target.dataset.field) return;
  choseField(event.target);
}

function choseField(input) {
  field?.classList.remove("mr-chosen");
  field = input;
  field.classList.add("mr-chosen");
  field.fresh = true;
  sheet.showField(field);
}

function nextField() {
  const inputs = [...bench.querySelectorAll("[data-field]:not([data-field=more])")];
  const doubtful = inputs.filter((input) => input.closest(".mr-field").querySelector(".mr-doubt"));
  const among = doubtful.length ? doubtful : inputs;
  choseField(among[(among.indexOf(field) + 1) % among.length]);
}

function startWords() {
  if (!field) nextField();
  sheet.startLabels(field.dataset.field);
}

function putWord(index) {
  if (!field) nextField();
  const name = field.dataset.field;
  const value = sheet.valueFor(name, index);
  const more = name === "sender_address" && !field.fresh && field.value;
  field.value = more ? `${field.value}, ${value}` : value;
  field.fresh = false;
  save(field);
}

function onChange(event) {
  if (event.target.name === "choice") choose();
  if (event.target.dataset.field && event.target.dataset.field !== "more") save(event.target);
}

// Fields are saved one after another, each with the run that the one before it left.
function save(input) {
  const value = input.value;
  saving = saving.then(async () => {
    const form = new FormData();
    for (const [name, what] of [["csrf", document.body.dataset.csrf], ["run", runOf(bench)], ["field", input.dataset.field], ["value", value]]) form.append(name, what);
    const answer = await send(`/items/${bench.dataset.item}/fields`, form);
    if (!answer) return;
    setRun(answer.run);
    if (input.value === value) input.value = answer.shown;
    say(bench.querySelector("#said"), answer.sentence);
    const about = input.closest(".mr-field").querySelector(".mr-about");
    about.classList.remove("mr-doubt");
    about.textContent = "✓";
  });
}

function runOf(root) {
  return root.querySelector("[name=run]").value;
}

function setRun(run) {
  for (const hidden of bench.querySelectorAll("[name=run]")) hidden.value = run;
}

// Words that name no type must not settle the item as what was suggested.
function isUnfound(form) {
  if (form.id !== "decide" || !other?.value.trim() || form.elements.other.value) return false;
  say(bench.querySelector("#fault"), bench.dataset.unfound);
  other.focus();
  return true;
}

async function onSubmit(event) {
  const form = event.target;
  if (!bench?.contains(form) || form.method === "get" || form.method === "dialog") return;
  event.preventDefault();
  if (busy || isUnfound(form)) return;
  busy = true;
  bench.setAttribute("aria-busy", "true");
  await saving;
  const body = new FormData(form, event.submitter);
  if (body.has("run")) body.set("run", runOf(bench));
  const answer = await send(form.getAttribute("action"), body, form.querySelector("[data-fault]") ?? undefined);
  if (answer) await goOn(answer);
  busy = false;
  bench?.removeAttribute("aria-busy");
}

// Sends a form; says what went wrong and returns nothing, and what was typed stays.
async function send(path, body, place = bench.querySelector("#fault")) {
  const { told, gone, fault } = await ask(path, body);
  if (told) return told;
  if (gone) return takeAway(bench.dataset.notYours);
  say(place, fault);
  place.scrollIntoView({ block: "nearest" });
  return null;
}

// Sends a form; returns what is told, or the fault and whether it is that the item is not there for them any more.
async function ask(path, body) {
  try {
    const answer = await fetch(path, { method: "POST", body, headers: { Accept: "application/json", ...loadedAs() } });
    const told = await answer.json();
    return answer.ok ? { told } : { gone: answer.status === 404, fault: told.sentence };
  } catch {
    return { fault: bench.dataset.noConnection };
  }
}

// What is not this person's to see any more is not left on their screen.
function takeAway(sentence) {
  giveAheadBack();
  say(bench.querySelector("#fault"), sentence);
  for (const part of bench.querySelectorAll(".mr-sheet, form, .mr-acts, .mr-asked")) part.remove();
  for (const line of document.querySelectorAll("#keys [data-act]")) line.remove();
  const onward = bench.querySelector("#onward");
  onward.hidden = false;
  onward.focus();
  bench.removeAttribute("aria-busy");
  bench = null;
  return null;
}

function say(place, sentence, names = []) {
  for (const shown of bench.querySelectorAll("#said, #fault, [data-fault]")) shown.hidden = true;
  place.replaceChildren(...linked(sentence, names));
  place.hidden = false;
}

// A sentence with the items that it names as links to them.
function linked(sentence, names) {
  if (!names.length) return [sentence];
  return sentence.split(new RegExp(`(${names.join("|")})`)).map((piece) => (names.includes(piece) ? linkTo(piece) : piece));
}

function linkTo(reference) {
  const link = document.createElement("a");
  link.href = `/items/${reference}`;
  link.textContent = reference;
  return link;
}

// What is loaded ahead is shown only where the answer says that the look at it is on record: nobody sees an item without.
async function goOn(told) {
  if (told.shown) {
    if (!told.next.includes("undo=")) loaded.fresh.querySelector("#undo")?.remove();
    return swap(loaded, told);
  }
  giveAheadBack();
  const [fresh, address] = await load(told.next);
  if (fresh) swap({ fresh, address }, told);
  else location.assign(told.next);
}

function loadedAs() {
  return loaded ? { "Mailroom-Loaded": `${loaded.fresh.dataset.item}:${loaded.fresh.dataset.run}` } : {};
}

function swap({ fresh, address }, told) {
  const former = bench.querySelector("#picture")?.getAttribute("href") ?? "";
  if (former.startsWith("blob:")) URL.revokeObjectURL(former);
  document.title = fresh.ownerDocument.title;
  document.getElementById("keys").replaceWith(fresh.ownerDocument.getElementById("keys"));
  document.getElementById("bench").replaceWith(fresh);
  history.pushState(null, "", address);
  begin(told);
  document.getElementById("reference").tabIndex = -1;
  document.getElementById("reference").focus({ preventScroll: true });
  window.scrollTo(0, 0);
}

async function load(path, headers = {}) {
  const answer = await fetch(path, { headers }).catch(() => null);
  const page = answer?.ok && new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page && page.getElementById("bench");
  return [fresh, answer?.url];
}

// The next item is taken for this person, and its first picture is here before it is asked for; it is not looked at yet.
async function loadAhead() {
  const { following, item } = bench.dataset;
  if (!following) return countAnew();
  const from = bench;
  ahead = following;
  const [fresh, address] = await load(`/items/${following}?undo=${item}`, AHEAD);
  if (fresh) countAsIn(fresh.ownerDocument);
  const picture = fresh && fresh.querySelector("#picture");
  const answer = picture && (await fetch(picture.getAttribute("href"), { headers: AHEAD }).catch(() => null));
  if (answer?.ok) picture.setAttribute("href", URL.createObjectURL(await answer.blob()));
  if (bench === from && ahead && fresh) loaded = { fresh, address };
  from.dataset.ahead = "ready";
}

function giveAheadBack() {
  if (!bench || !ahead) return;
  const form = new FormData();
  form.append("csrf", document.body.dataset.csrf);
  const headers = { Accept: "application/json" };
  fetch(`/items/${ahead}/give-back`, { method: "POST", body: form, headers, keepalive: true }).catch(() => null);
  ahead = loaded = null;
}

async function showLife() {
  if (!bench || Date.now() - lastSign < SIGN_OF_LIFE) return;
  lastSign = Date.now();
  const form = new FormData();
  form.append("csrf", document.body.dataset.csrf);
  await send(`/items/${bench.dataset.item}/keep`, form);
}

window.addEventListener("popstate", () => location.reload());
