// The letter on the bench: turns its pages, lights what a suggestion or a field rests on, and hands words to the fields.
const SVG = "http://www.w3.org/2000/svg";
const LETTERS = "asdfghjklqwertyuiopzxcvbnm";
const MORE = "w"; // the key that labels the words; pressed again it labels the rest
const SINGLE = LETTERS.replace(MORE, "");
const WHOLE_LINES = new Set(["sender_name", "sender_address"]);
const IN_A_LINE = {
  letter_date: /\d{1,2}(?:st|nd|rd|th)?\s+[A-Za-z]{3,}\.?,?\s+\d{4}|\d{1,2}[/.-]\d{1,2}[/.-]\d{4}/, // what it is, the server reads
  sender_postcode: /[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}/i,
};
const ZOOMS = 4;

export class Sheet {
  constructor(bench) {
    this.bench = bench;
    this.page = bench.querySelector("#page");
    this.place = Number(bench.dataset.place);
    this.sizes = JSON.parse(bench.dataset.sizes);
    this.reasons = JSON.parse(bench.dataset.reasons);
    this.words = [];
    this.labels = null;
    this.typed = "";
    this.taken = () => {};
    if (this.page) this.loadWords();
  }

  // Pages without a picture are shown by the server.
  show(place) {
    if (place < 1 || place > this.sizes.length || place === this.place) return;
    if (!this.page || this.page.dataset.drawing || !this.sizes[place - 1][2]) {
      location.search = `?page=${place}`;
      return;
    }
    this.place = place;
    const [width, height] = this.sizes[place - 1];
    Object.assign(this.page.dataset, { width: width || 1, height: height || 1 });
    const picture = this.page.querySelector("#picture");
    picture.setAttribute("href", this.address("picture"));
    picture.setAttribute("width", width);
    picture.setAttribute("height", height);
    this.bench.querySelector("#place").textContent = place;
    this.page.setAttribute("aria-label", `${this.bench.dataset.reference}, ${place} / ${this.sizes.length}`);
    for (const link of this.bench.querySelectorAll(".mr-thumbs a")) {
      link.toggleAttribute("aria-current", Number(link.dataset.place) === place);
    }
    this.place_();
    this.light(this.chosen);
    this.loadWords();
  }

  address(what) {
    return `/items/${this.bench.dataset.item}/pages/${this.place}/${what}`;
  }

  zoom(by) {
    if (!this.page) return;
    const zoom = Math.min(ZOOMS, Math.max(1, Number(this.page.dataset.zoom) + by));
    this.page.dataset.zoom = zoom;
    this.page.setAttribute("class", `mr-bench__page mr-zoom-${zoom}`);
  }

  turn(by) {
    if (!this.page) return;
    this.page.dataset.turned = (Number(this.page.dataset.turned) + by + 360) % 360;
    this.place_();
  }

  place_() {
    const { width: w, height: h, turned } = this.page.dataset;
    const moves = { 0: "", 90: `translate(${h} 0) rotate(90)`, 180: `translate(${w} ${h}) rotate(180)`, 270: `translate(0 ${w}) rotate(270)` };
    const sideways = turned === "90" || turned === "270";
    this.page.setAttribute("viewBox", sideways ? `0 0 ${h} ${w}` : `0 0 ${w} ${h}`);
    this.page.querySelector("#turn").setAttribute("transform", moves[turned]);
  }

  light(number) {
    this.chosen = number;
    for (const mark of this.bench.querySelectorAll("mark")) {
      mark.classList.toggle("mr-lit-text", mark.dataset.numbers.split(" ").includes(String(number)));
    }
    const lit = this.page?.querySelector("#lit");
    if (!lit) return;
    const boxes = (this.reasons[number] ?? []).filter(([place]) => place === this.place);
    lit.replaceChildren(...boxes.map(([, ...box]) => rect(box, "mr-lit", 4)));
  }

  // Shows where a field was read, on the page where that is.
  showField(input) {
    const { place, box } = input.dataset;
    if (!box || !this.page) return;
    this.show(Number(place));
    this.light(this.chosen);
    const mark = rect(box.split(" ").map(Number), "mr-read", 6);
    this.page.querySelector("#lit").append(mark);
    mark.scrollIntoView({ block: "center", inline: "nearest" });
  }

  async loadWords() {
    const place = this.place;
    this.words = [];
    const answer = await fetch(this.page.dataset.drawing ?? this.address("words"), { headers: { Accept: "application/json" } }).catch(() => null);
    if (!answer?.ok || place !== this.place) return;
    this.words = (await answer.json()).words;
    const boxes = this.words.map(([, box], index) => {
      const box_ = rect(box, "mr-word", 2);
      box_.addEventListener("click", () => this.taken(index));
      return box_;
    });
    this.page.querySelector("#words").replaceChildren(...boxes);
    this.bench.dataset.words = this.words.length;
  }

  // What a word means for a field: its whole line for a name or an address, the date or postcode in it, or the word.
  valueFor(field, index) {
    const [text] = this.words[index];
    const whole = this.lineOf(index);
    if (WHOLE_LINES.has(field)) return whole.replace(/[,.;:]+$/, "");
    if (field in IN_A_LINE) return IN_A_LINE[field].exec(whole)?.[0] ?? text;
    return text.replace(/^[("'[]+|[)"'\],.;:]+$/g, "");
  }

  lineOf(index) {
    const line = this.words[index][2];
    return this.words.filter((word) => word[2] === line).map(([text]) => text).join(" ");
  }

  // The words that may well be what the field wants: one of each line where the line counts, else those with a digit.
  likely(field) {
    const all = [...this.words.keys()];
    const firsts = all.filter((index) => this.words[index][2] !== this.words[index - 1]?.[2]);
    if (WHOLE_LINES.has(field)) return firsts;
    if (field in IN_A_LINE) return firsts.filter((index) => IN_A_LINE[field].test(this.lineOf(index)));
    return all.filter((index) => /[\d@]/.test(this.words[index][0]));
  }

  // Labels what is likely with one letter each; every word with two where nothing is, or where the rest is asked for.
  startLabels(field) {
    if (!this.words.length) return;
    const likely = this.labels ? [] : ends(this.likely(field));
    const every = [...this.words.keys()].filter((index) => this.words[index][0].length > 1).slice(0, LETTERS.length ** 2);
    this.endLabels();
    this.typed = "";
    this.labels = new Map(likely.length ? likely.map((index, at) => [SINGLE[at], index]) : every.map((index, at) => [pair(at), index]));
    const size = this.page.dataset.width / 70;
    const drawn = [...this.labels].flatMap(([label, index]) => {
      const [left, top] = this.words[index][1];
      const back = rect([left, top - size * 0.7, left + size * 0.7 * label.length, top + size * 0.4], "mr-label-back", 0);
      return [back, written(label, left + size * 0.1, top + size * 0.15, size)];
    });
    this.page.querySelector("#words").append(...drawn);
  }

  // Takes a key of a label; returns whether labels are shown at all.
  typeLabel(key) {
    if (!this.labels) return false;
    if (key === "Escape") return this.endLabels();
    if (key.length !== 1) return true;
    this.typed += key.toLowerCase();
    const index = this.labels.get(this.typed);
    if (index !== undefined) {
      this.endLabels();
      this.taken(index);
    } else if (this.typed === MORE && this.labels.has(SINGLE[0])) return false;
    else if (![...this.labels.keys()].some((label) => label.startsWith(this.typed))) this.endLabels();
    return true;
  }

  endLabels() {
    this.labels = null;
    for (const drawn of this.page.querySelectorAll(".mr-label, .mr-label-back")) drawn.remove();
    return true;
  }
}

function rect([left, top, right, bottom], kind, around) {
  const made = document.createElementNS(SVG, "rect");
  const sides = { x: left - around, y: top - around, width: right - left + 2 * around, height: bottom - top + 2 * around };
  for (const [name, value] of Object.entries(sides)) made.setAttribute(name, value);
  made.setAttribute("class", kind);
  return made;
}

function written(text, x, y, size) {
  const made = document.createElementNS(SVG, "text");
  for (const [name, value] of Object.entries({ x, y, class: "mr-label" })) made.setAttribute(name, value);
  made.style.fontSize = `${size}px`;
  made.textContent = text;
  return made;
}

// As many as there are letters, at the head and at the foot of the page: there a letter says from whom it is.
function ends(likely) {
  if (likely.length <= SINGLE.length) return likely;
  const head = Math.ceil(SINGLE.length / 2);
  return [...likely.slice(0, head), ...likely.slice(head - SINGLE.length)];
}

function pair(at) {
  return LETTERS[Math.floor(at / LETTERS.length)] + LETTERS[at % LETTERS.length];
}
