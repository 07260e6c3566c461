// Turns a long list into one that is typed into: words, beginnings of words and initials, in any order.
const MOST = 8;

export function typeahead(select, choose) {
  const all = [...select.options].filter((option) => option.value).map(described);
  const input = document.createElement("input");
  const list = document.createElement("ul");
  const label = select.labels[0];
  let found = [];
  let at = 0;
  Object.assign(input, { id: "other-words", type: "text", autocomplete: "off", className: "govuk-input mr-input" });
  const roles = { role: "combobox", "aria-controls": "other-options", "aria-expanded": "false", "aria-autocomplete": "list" };
  for (const [name, value] of Object.entries(roles)) input.setAttribute(name, value);
  Object.assign(list, { id: "other-options", className: "mr-options", hidden: true });
  list.setAttribute("role", "listbox");
  label.htmlFor = input.id;
  list.setAttribute("aria-label", label.textContent.trim());
  select.hidden = true;
  select.after(input, list);

  input.addEventListener("input", () => {
    at = 0;
    select.value = "";
    found = matching(all, input.value).slice(0, MOST);
    draw();
  });
  input.addEventListener("keydown", (event) => {
    const moves = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in moves && found.length) {
      at = (at + moves[event.key] + found.length) % found.length;
      draw();
    } else if (event.key === "Enter") {
      if (found.length) take(found[at]);
      else choose(); // words that name nothing are refused there, in a sentence
    } else if (event.key === "Escape") {
      input.value = select.value = "";
      found = [];
      draw();
      input.blur();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });
  input.addEventListener("blur", () => {
    found = []; // at once: what has the focus next must be seen
    draw();
  });
  return input;

  function take(one) {
    select.value = one.value;
    input.value = one.title;
    found = [];
    draw();
    choose();
  }

  function draw() {
    list.replaceChildren(...found.map((one, index) => line(one, index)));
    list.hidden = !found.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    if (found.length) input.setAttribute("aria-activedescendant", `other-${at}`);
    else input.removeAttribute("aria-activedescendant");
  }

  function line(one, index) {
    const made = document.createElement("li");
    made.id = `other-${index}`;
    made.setAttribute("role", "option");
    made.setAttribute("aria-selected", String(index === at));
    made.append(`${one.title} `, Object.assign(document.createElement("span"), { className: "mr-quiet", textContent: one.note }));
    made.addEventListener("mousedown", () => take(one));
    return made;
  }
}

function described(option) {
  const title = option.textContent.trim();
  const { name = title, note = "" } = option.dataset; // what is told apart by a name is found by that
  const words = plain(name).split(" ");
  const heads = name.split(": ").map((part) => plain(part).split(" ")[0]); // what it is about, and what of it
  const others = plain(`${option.dataset.words} ${note} ${title}`).split(" ");
  return { value: option.value, title, note, words, heads, others, initials: words.map((word) => word[0]).join(""), named: "name" in option.dataset };
}

export function matching(all, written) {
  const wanted = plain(written).split(" ").filter(Boolean);
  if (!wanted.length) return [];
  return all
    .map((one) => ({ one, points: wanted.map((word) => pointsFor(one, word)) }))
    .filter(({ points }) => points.every(Boolean))
    .map(({ one, points }) => ({ one, sum: points.reduce((sum, each) => sum + each, 0) }))
    .sort((a, b) => b.sum - a.sum || a.one.named - b.one.named || a.one.words.length - b.one.words.length)
    .map(({ one }) => one);
}

// A whole word says more than the beginning of a longer one: "child" is not yet "children".
function pointsFor(one, word) {
  const whole = !one.named && one.words.includes(word) ? 0.5 : 0;
  if (one.heads.some((each) => each.startsWith(word))) return 4 + whole;
  if (one.words.some((each) => each.startsWith(word))) return 3 + whole;
  if (word.length > 1 && one.initials.includes(word)) return 3;
  return one.others.some((each) => each.startsWith(word)) ? 2 : 0;
}

function plain(text) {
  return text.toLowerCase().normalize("NFKD").replace(/[^a-z0-9 ]+/g, " ").trim().replace(/\s+/g, " ");
}
