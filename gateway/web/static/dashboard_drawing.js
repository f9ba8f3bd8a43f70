// The budget's bar, and the last hour of each pool. SVG only: no number becomes a style or a script.

import { UNKNOWN, size, wait } from "./dashboard_forms.js";

const SVG = "http://www.w3.org/2000/svg";

function shape(name, attributes, title) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (title) element.append(Object.assign(document.createElementNS(SVG, "title"), { textContent: title }));
  return element;
}

const byId = (id) => document.getElementById(id);

const groups = [...document.querySelectorAll("[data-group]")].map(({ dataset }) => ({
  name: dataset.group,
  label: dataset.label,
  states: dataset.states.split(" "),
}));

const sum = (states, names, what) => names.reduce((total, name) => total + states[name][what], 0);

/** Draw each pool's states side by side, on the scale of the budget. */
export function drawBudget(view) {
  const bar = byId("budget");
  const spans = byId("spans");
  const { budget, charged } = view.memory;
  const whole = Math.max(budget, charged, 1);
  const share = (bytes) => `${((100 * bytes) / whole).toFixed(3)}%`;
  const shapes = [];
  const labels = [];
  const told = [];
  let from = 0;
  for (const pool of view.pools) {
    const began = from;
    for (const group of groups) {
      const bytes = sum(pool.states, group.states, "charged");
      if (!bytes) continue;
      const text = `${pool.title}: ${sum(pool.states, group.states, "count")} ${group.label.toLowerCase()}, ${size(bytes)}`;
      const place = { x: share(from), width: share(bytes), height: "100%" };
      shapes.push(shape("rect", { ...place, class: group.name, fill: `url(#fill-${group.name})` }, text));
      told.push(text);
      from += bytes;
    }
    if (from === began) continue;
    const below = document.createElement("span");
    below.textContent = pool.title;
    below.style.left = share(began);
    below.style.width = share(from - began);
    labels.push(below);
  }
  if (charged > budget) {
    shapes.push(shape("rect", { x: share(budget), width: "3", height: "100%", class: "limit" }, "The budget"));
  }
  told.push(`${size(view.memory.free)} free of ${size(budget)}`);
  bar.replaceChildren(...shapes);
  const label = `Memory budget. ${told.join("; ")}.`;
  if (bar.getAttribute("aria-label") !== label) bar.setAttribute("aria-label", label);
  bar.removeAttribute("hidden");
  spans.replaceChildren(...labels);
  spans.hidden = view.pools.length < 2;
}

const HEIGHT = 20;

function column(index, share, kind, base = 0) {
  const height = Math.max(share > 0 ? 0.6 : 0, share * HEIGHT);
  return shape("rect", { x: index + 0.1, width: 0.8, y: HEIGHT - base * HEIGHT - height, height, class: kind });
}

const most = (values) => values.reduce((peak, value) => Math.max(peak, value ?? 0), 0);

// A wait of seconds beside those of milliseconds: each tenfold takes the same height.
const SHORTEST = 0.001;
const tenfolds = (seconds) => Math.log10(Math.max(seconds, SHORTEST) / SHORTEST);
const ofPeak = (seconds, peak) => Math.max(0.04, tenfolds(seconds) / Math.max(1, tenfolds(peak)));

const CHARTS = {
  arrivals(minutes) {
    const peak = Math.max(1, most(minutes.map(({ arrivals }) => arrivals)));
    return minutes.map(({ arrivals }, index) => column(index, arrivals / peak, "arrivals"));
  },
  hits(minutes) {
    return minutes.flatMap(({ hits, misses }, index) => {
      const all = hits + misses;
      return all ? [column(index, hits / all, "hits"), column(index, misses / all, "misses", hits / all)] : [];
    });
  },
  waits(minutes) {
    const peak = most(minutes.map(({ wait_max }) => wait_max));
    return minutes.flatMap(({ wait_p50, wait_max }, index) =>
      wait_max === null
        ? []
        : [column(index, ofPeak(wait_max, peak), "longest"), column(index, ofPeak(wait_p50, peak), "half")],
    );
  },
};

const CLOCK = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
const clock = (seconds) => new Date(seconds * 1000).toLocaleTimeString([], CLOCK);

function minuteText({ at: began, arrivals, hits, misses, wait_p50, wait_max }) {
  const waits = wait_max === null ? "" : `; half within ${wait(wait_p50)}, longest ${wait(wait_max)}`;
  return `${clock(began)}: ${arrivals} arrived, ${hits} served at once, ${misses} not${waits}`;
}

const drawn = new Map();

/** Draw one pool's minutes: a column each, in a box of 60 by 20. */
export function drawHour(panel, minutes) {
  const details = panel.querySelector("details");
  const now = JSON.stringify([details.open, clock(minutes.at(-1).at), minutes.map(({ at, ...counted }) => counted)]);
  if (drawn.get(panel) === now) return; // what is drawn anew loses the tooltip somebody reads
  drawn.set(panel, now);
  for (const figure of panel.querySelectorAll("[data-chart]")) {
    const hover = minutes.map((minute, index) =>
      shape("rect", { x: index, width: 1, height: HEIGHT, class: "hover" }, minuteText(minute)),
    );
    figure.querySelector("svg").replaceChildren(...CHARTS[figure.dataset.chart](minutes), ...hover);
    for (const hidden of figure.querySelectorAll("[hidden]")) hidden.removeAttribute("hidden");
  }
  details.hidden = false;
  if (details.open) details.querySelector("tbody").replaceChildren(...rows(minutes));
}

function rows(minutes) {
  return minutes.toReversed().map((minute) => {
    const row = document.createElement("tr");
    const spoken = (seconds) => (seconds === null ? UNKNOWN : wait(seconds));
    const cells = [minute.arrivals, minute.hits, minute.misses, spoken(minute.wait_p50), spoken(minute.wait_max)];
    row.append(Object.assign(document.createElement("th"), { scope: "row", textContent: clock(minute.at) }));
    for (const cell of cells) {
      row.append(Object.assign(document.createElement("td"), { className: "number", textContent: cell }));
    }
    return row;
  });
}
