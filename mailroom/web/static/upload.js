// Files dragged onto the page or chosen go up one by one, each with its progress; one that fails keeps none back.
const form = document.getElementById("upload");
const list = document.getElementById("taken");
let queue = Promise.resolve();

form.addEventListener("submit", (event) => {
  event.preventDefault();
  sendAll(form.elements.files.files);
  form.elements.files.value = "";
});
for (const kind of ["dragover", "drop"]) {
  document.addEventListener(kind, (event) => {
    event.preventDefault();
    if (kind === "drop") sendAll(event.dataTransfer.files);
  });
}

function sendAll(files) {
  for (const file of files) {
    const line = list.appendChild(document.createElement("li"));
    line.className = "mr-break";
    line.textContent = file.name;
    queue = queue.then(() => send(file, line));
  }
}

function send(file, line) {
  const body = new FormData();
  for (const name of ["csrf", "channel", "day"]) body.append(name, form.elements[name].value);
  body.append("files", file);
  const request = new XMLHttpRequest();
  const progress = Object.assign(document.createElement("progress"), { max: 1, value: 0 });
  progress.setAttribute("aria-label", `${file.name}: ${list.dataset.sending}`);
  line.append(" ", progress);
  return new Promise((finished) => {
    request.upload.addEventListener("progress", (event) => (progress.value = event.loaded / event.total));
    request.addEventListener("load", () => finished(tell(line, file, answerOf(request))));
    request.addEventListener("error", () => finished(tell(line, file, { problem: list.dataset.lost })));
    request.open("POST", "/upload");
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("X-CSRF-Token", form.elements.csrf.value);
    request.send(body);
  });
}

function answerOf(request) {
  try {
    const told = JSON.parse(request.responseText);
    return told.taken?.[0] ?? { problem: told.sentence };
  } catch {
    return { problem: request.responseText || list.dataset.lost };
  }
}

function tell(line, file, told) {
  const what = document.createElement(told.reference ? "a" : "strong");
  what.textContent = told.reference ?? told.problem;
  what.className = told.reference ? "govuk-link" : "mr-late";
  if (told.reference) what.href = `/items/${told.item}`;
  line.replaceChildren(`${file.name}: `, what);
}
