// What a page does beyond its links and forms: walks through events, labels them by one key,
// zooms the night, and watches a sync. Everything here can be done without it, by the forms.
"use strict";

document.documentElement.classList.add("js");

const LABELS = { m: "me", n: "not_me", a: "awake", 0: "" };
const ZOOMS = [1, 2, 4, 8, 16, 32];
const table = document.getElementById("events");
const opened = document.getElementById("opened");
const rows = table ? [...table.tBodies[0].rows] : [];
let chosen = -1;

function say(text) {
  document.getElementById("spoken").textContent = text;
}

function choose(index, focus = true) {
  if (index < 0 || index >= rows.length) return;
  if (chosen >= 0) rows[chosen].removeAttribute("aria-current");
  chosen = index;
  const row = rows[chosen];
  row.setAttribute("aria-current", "true");
  const link = row.querySelector("a");
  if (focus) link.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
  for (const mark of document.querySelectorAll(".picture .chosen")) mark.classList.remove("chosen");
  for (const mark of document.querySelectorAll(`.picture [data-no="${row.dataset.no}"]`)) {
    mark.classList.add("chosen");
    const area = mark.closest(".timeline");
    if (!area) continue;
    const from = area.getBoundingClientRect();
    const at = mark.getBoundingClientRect();
    if (at.left < from.left || at.right > from.right) {
      area.scrollLeft += at.left - from.left - from.width / 2;
    }
  }
}

async function open(row) {
  const answer = await fetch(row.querySelector("a").href + "?part=1");
  if (!answer.ok || !row.hasAttribute("aria-current")) return;
  opened.innerHTML = await answer.text(); // of this server, which has escaped what people wrote
}

async function label(row, word) {
  const body = new URLSearchParams({ word: table.dataset.word, label: word, json: "1" });
  const headers = { accept: "application/json" };
  let kept;
  try {
    const answer = await fetch(row.querySelector("a").href, { method: "POST", body, headers });
    if (!answer.ok) throw new Error(await answer.text());
    kept = await answer.json();
  } catch {
    say(table.dataset.failed);
    return;
  }
  row.querySelector(".label").textContent = kept.words;
  const text = table.dataset.kept.replace("{no}", kept.no);
  say(text.replace("{label}", kept.words || table.dataset.none));
  if (row.hasAttribute("aria-current") && opened.childElementCount) open(row);
}

function writing(element) {
  return element.closest("input, select, textarea") !== null;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || writing(event.target)) return;
  const area = event.target.closest(".timeline");
  if (area && (event.key === "+" || event.key === "-")) {
    zoom(area, event.key === "+" ? 1 : -1);
    event.preventDefault();
    return;
  }
  if (!rows.length || area) return;
  const steps = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };
  const step = steps[event.key];
  const inside = event.target === document.body || event.target.closest(".events");
  if (step && inside) {
    choose(chosen < 0 ? 0 : chosen + step);
    if (opened.childElementCount) open(rows[chosen]);
    event.preventDefault();
  } else if (chosen >= 0 && event.key in LABELS) {
    label(rows[chosen], LABELS[event.key]);
    event.preventDefault();
  } else if (chosen >= 0 && event.key === "Enter" && event.target.closest("#events")) {
    open(rows[chosen]);
    event.preventDefault();
  }
});

document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  const button = event.target.closest("[data-zoom]");
  if (button) {
    const area = button.closest("section").querySelector(".timeline");
    zoom(area, Number(button.dataset.zoom));
    return;
  }
  const mark = event.target.closest("[data-no]");
  if (!mark || !rows.length) return;
  const index = rows.findIndex((row) => row.dataset.no === mark.dataset.no);
  if (index < 0) return;
  choose(index, mark.tagName === "TR");
  open(rows[index]);
  event.preventDefault();
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.id === "sync") {
    event.preventDefault();
    begin(form);
  } else if (form.dataset.label && table && event.submitter) {
    event.preventDefault();
    const row = rows.find((one) => one.dataset.no === form.dataset.label);
    if (row) label(row, event.submitter.value);
  }
});

document.addEventListener("change", (event) => {
  if (event.target.matches("select[data-go]")) event.target.form.requestSubmit();
});

function zoom(area, step) {
  const now = ZOOMS.findIndex((times) => area.classList.contains("z" + times));
  const next = Math.min(Math.max(Math.max(now, 0) + step, 0), ZOOMS.length - 1);
  const middle = (area.scrollLeft + area.clientWidth / 2) / area.scrollWidth;
  for (const times of ZOOMS) area.classList.toggle("z" + times, times === ZOOMS[next] && next > 0);
  area.scrollLeft = middle * area.scrollWidth - area.clientWidth / 2;
}

const sync = document.getElementById("sync");

async function begin(form) {
  const body = new URLSearchParams(new FormData(form));
  body.set("json", "1");
  tell(await (await fetch(form.action, { method: "POST", body })).json());
}

async function watch() {
  try {
    tell(await (await fetch(sync.action)).json());
  } catch {
    setTimeout(watch, 3000);
  }
}

function tell(found) {
  const running = found.state === "running";
  document.getElementById("sync-words").textContent = found.words;
  sync.querySelector("progress").hidden = !running;
  sync.querySelector("button").disabled = running;
  if (running) setTimeout(watch, 700);
}

if (sync && sync.dataset.state === "running") watch();
