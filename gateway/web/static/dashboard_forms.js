// Numbers as text, the same way as gateway/shown.py first wrote them.

export const UNKNOWN = "–";

const rounded = (amount) => (amount < 9.95 ? Math.floor(amount * 10 + 0.5) / 10 : Math.floor(amount + 0.5));

const SIZES = [[2 ** 40, "TiB"], [2 ** 30, "GiB"], [2 ** 20, "MiB"], [2 ** 10, "KiB"]];
const SPANS = [[86400, "d"], [3600, "h"], [60, "min"]];

export function size(bytes) {
  const [factor, unit] = SIZES.find(([each]) => bytes >= each) ?? [1, "B"];
  return `${factor === 1 ? Math.round(bytes) : rounded(bytes / factor)} ${unit}`;
}

function span(seconds) {
  const index = SPANS.findIndex(([each]) => seconds >= each);
  if (index < 0) return `${Math.floor(seconds)} s`;
  const [factor, unit] = SPANS[index];
  const amount = `${Math.floor(seconds / factor)} ${unit}`;
  if (index + 1 === SPANS.length) return amount;
  const [smaller, name] = SPANS[index + 1];
  return `${amount} ${Math.floor((seconds % factor) / smaller)} ${name}`;
}

function percent(share) {
  const whole = Math.round(share * 100);
  if (whole === 100 && share < 1) return "99 %";
  if (whole === 0 && share > 0) return "1 %";
  return `${whole} %`;
}

export const wait = (seconds) =>
  seconds < 0.9995 ? `${Math.max(1, Math.round(seconds * 1000))} ms` : `${rounded(seconds)} s`;

export const FORMS = {
  text: String,
  count: (count) => count.toLocaleString("en"),
  size,
  percent,
  wait,
  span,
  ago: (seconds) => `${span(Math.max(0, seconds))} ago`,
  times: (count) => (count > 1 ? `${count} times` : ""),
  words: (name) => name.replaceAll("_", " "),
};
const EMPTY = new Set(["text", "words", "times"]);

/** What stands at a path of the overview, in words; see `at`. */
export function told(view, path, form) {
  const value = at(view, path);
  if (value === null) return EMPTY.has(form) ? "" : UNKNOWN;
  return FORMS[form](value);
}

/** The value at `a.b.c`, or the sum at `a.b + a.c`; null where there is nothing. */
function at(view, path) {
  const found = path
    .split(" + ")
    .map((each) => each.split(".").reduce((inner, key) => inner?.[key], view) ?? null)
    .filter((each) => each !== null);
  if (!found.length) return null;
  return found.length > 1 ? found.reduce((sum, each) => sum + each) : found[0];
}
