// Keeps the operator's page true to the gateway. The page itself says what stands where: an element with
// `data-at` shows the number at that path of the overview, in the form of `data-form`.

import { drawBudget, drawHour } from "./dashboard_drawing.js";
import { told } from "./dashboard_forms.js";

const SILENCE = 12_000; // ms without a message after which the connection is taken for lost; one comes every 5 s
const AGAIN = 3_000; // ms until it is tried again

const byId = (id) => document.getElementById(id);

/** Change a text only where it is another: screen readers speak what changes. */
function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

const PART = "[data-pool], .complaint"; // shows numbers of its own, so its paths begin there

function fill(scope, view) {
  for (const element of scope.querySelectorAll("[data-at]")) {
    if (element.closest(PART) !== scope.closest(PART)) continue;
    say(element, told(view, element.dataset.at, element.dataset.form));
  }
}

// Lists whose length changes.

function keepLength(list, length, make) {
  while (list.children.length > length) list.lastElementChild.remove();
  while (list.children.length < length) list.append(make());
}

function showReasons({ health }) {
  const list = byId("reasons");
  keepLength(list, health.reasons.length, () => document.createElement("li"));
  health.reasons.forEach((reason, index) => say(list.children[index], reason));
  document.querySelector("[data-health]").dataset.health = health.state;
}

function showErrors({ errors, now }) {
  const list = byId("complaints");
  keepLength(list, errors.length, () => byId("complaint").content.firstElementChild.cloneNode(true));
  errors.forEach((error, index) => {
    fill(list.children[index], { ...error, age: now - error.at });
    const time = list.children[index].querySelector("time");
    time.dateTime = new Date(error.at * 1000).toISOString();
    time.title = new Date(error.at * 1000).toLocaleString();
    list.children[index].dataset.level = error.level;
  });
  byId("no-errors").hidden = errors.length > 0;
}

const panels = new Map([...document.querySelectorAll("[data-pool]")].map((panel) => [panel.dataset.pool, panel]));
const version = document.querySelector('[data-at="version"]').textContent;
const quiet = { arrivals: 0, hits: 0, misses: 0, wait_p50: null, wait_max: null };
let latest = null;

function show(view) {
  const names = view.pools.map(({ name }) => name);
  if (view.version !== version || names.join() !== [...panels.keys()].join()) {
    location.reload(); // another gateway, or another configuration: this page is not its page
    return;
  }
  latest = view;
  fill(document.querySelector("main"), view);
  for (const pool of view.pools) {
    fill(panels.get(pool.name), pool);
    drawHour(panels.get(pool.name), view.minutes.map(({ at: began, pools }) => ({ at: began, ...(pools[pool.name] ?? quiet) })));
  }
  showReasons(view);
  showErrors(view);
  drawBudget(view);
  document.title = `${view.health.state === "well" ? "" : "(!) "}${view.health.headline} · warmgate`;
}

for (const panel of panels.values()) {
  panel.querySelector("details").addEventListener("toggle", () => latest && show(latest));
}

// The connection: lost means no message for a while, whatever the browser thinks of it.

let source = null;
let silence = 0;

function connect() {
  source?.close();
  source = new EventSource("api/overview/events");
  source.addEventListener("message", ({ data }) => {
    show(JSON.parse(data));
    document.body.classList.remove("lost");
    say(byId("live"), "Live");
    expectNews();
  });
  source.addEventListener("error", lose);
  expectNews();
}

function expectNews() {
  clearTimeout(silence);
  silence = setTimeout(lose, SILENCE);
}

function lose() {
  source.close();
  document.body.classList.add("lost");
  document.title = "(?) Connection lost · warmgate";
  const since = latest === null ? "" : ` These numbers are from ${new Date(latest.now * 1000).toLocaleTimeString([], { hourCycle: "h23" })}.`;
  say(byId("live"), `Connection lost, trying again.${since}`);
  clearTimeout(silence);
  silence = setTimeout(connect, AGAIN);
}

connect();
