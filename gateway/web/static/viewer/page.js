// A notebook's page: a preview that becomes live where it stands, and says so when it is over.
import { Refused, ask, pause } from "./asking.js";
import { Bar } from "./bar.js";
import { tellHeight } from "./height.js";
import { leave, stand } from "./line.js";
import { whenSeen } from "./seen.js";
import { Stage } from "./stage.js";
import { sure } from "./sure.js";
import { Watch } from "./watch.js";

const LOST_PLACE_PAUSE = 1_500;

const page = document.body;
const { prefix, pool, form, kind, mode } = page.dataset;
const embedded = form === "embed";
const part = (id) => document.getElementById(id);

let watch = null;
let trying = null;
let byHand = false;

const bar = new Bar({ stay: () => watch?.stay(), restart, end });
const stage = new Stage(part("stage"), {
  title: part("bar").ariaLabel,
  grows: embedded,
  cells: page.dataset.cells.split(",").filter(Boolean),
  kind,
  shown: () => { if (page.dataset.state === "connecting") live(); },
  closed: () => watch?.soon(),
});

// Whether the keyboard is here. In an embed it may be elsewhere on the page around it by now, and is left there.
const here = () => !embedded || document.hasFocus();

function become(state) {
  page.dataset.state = state;
  bar.state(state);
}

// What a reload finds again, though no cookie and no address tells it. Kept by the browser with this tab only.
const keep = (what) => history.replaceState(what, "");

function panel({ title = "", text = "", again = "", leaving = false, line = false } = {}) {
  part("panel").hidden = !title;
  part("panel-title").textContent = title;
  part("panel-text").textContent = text;
  part("again").hidden = !again;
  part("again").textContent = again;
  part("leave").hidden = !leaving;
  part("line").hidden = !line;
}

// Takes an instance, or a place in line, and shows the notebook. A `kept` ticket is stood in line with first.
async function open(kept = null) {
  if (trying !== null || watch !== null) return;
  const mine = trying = new AbortController();
  become("asking");
  panel({ title: "Opening your notebook" });
  if (byHand) part("panel-title").focus({ preventScroll: embedded });
  try {
    const session = await obtain(kept, mine.signal);
    if (session !== null) begin(session.entry, session.url);
  } catch (error) {
    become("failed");
    panel({ title: "Not opened", text: error instanceof Refused ? error.message : "The site does not answer.", again: "Try again" });
    bar.say(part("panel-text").textContent);
    if (byHand && here()) part("again").focus({ preventScroll: embedded });
  } finally {
    if (trying === mine) trying = null;
  }
}

// Returns a session, or null when the visitor has left the line.
async function obtain(kept, signal) {
  let told = kept ?? await ask(`${prefix}/api/spawn?pool=${pool}&wait=1`, "POST");
  while (!signal.aborted) {
    if (!told.ticket) return told;
    const ticket = { ticket: told.ticket, url: told.url, events: told.events };
    keep({ ticket });
    become("waiting");
    panel({ title: "You are in line", text: "No notebook is free right now. Yours opens here by itself.", leaving: true, line: true });
    signal.addEventListener("abort", () => leave(ticket), { once: true });
    const session = await stand(ticket, { streamed: !embedded, place, signal });
    if (session !== null || signal.aborted) return session;
    keep(null);
    await pause(LOST_PLACE_PAUSE, signal);
    told = signal.aborted ? null : await ask(`${prefix}/api/spawn?pool=${pool}&wait=1`, "POST");
  }
  return null;
}

function place(told) {
  if (told === null) {
    part("trouble").textContent = "The connection is interrupted. Trying again.";
    return;
  }
  const order = told.position === 1 ? "You are next." : `${told.position - 1} ahead of you`;
  if (part("order").textContent !== order) bar.say(order);
  part("position").textContent = told.position;
  part("order").textContent = order;
  part("estimate").textContent = told.estimate_text;
  part("trouble").textContent = told.trouble;
  const progress = part("progress");
  if (told.estimate === null) {
    progress.removeAttribute("value");
  } else {
    progress.max = told.waited + told.estimate + 0.1;
    progress.value = told.waited;
  }
}

function begin(entry, base) {
  const id = base.split("/").at(-2);
  keep({ session: { entry, url: base } });
  panel();
  become("connecting");
  stage.open(entry);
  watch = new Watch(`${prefix}/api/session/${id}`, { told: (told) => bar.lasts(told), ended, away: () => bar.away() });
  watch.soon();
}

function live() {
  become("live");
  if (byHand && here()) stage.focus();
}

function ended(sentence) {
  const inside = here() && (document.activeElement === stage.frame || part("bar").contains(document.activeElement));
  watch = null;
  keep(null);
  stage.clear();
  page.classList.remove("barless");
  part("show").hidden = true;
  become("ended");
  const [title, ...why] = sentence.split(/(?<=\.) /);
  panel({ title, text: why.join(" "), again: "Open a new one" });
  bar.say(sentence);
  // Who was in the notebook is told where it was; who reads elsewhere is left there.
  if (inside) part("again").focus({ preventScroll: embedded });
}

// Resolves to whether the gateway knows that the session is over; to null where it is to go on.
async function giveBack(question) {
  if (watch === null || (mode === "edit" && !(await sure(question)))) return null;
  if (watch === null) return null;  // It has ended meanwhile, and the page has said so.
  const { address } = watch;
  watch.stop();
  watch = null;
  keep(null);
  stage.clear();
  return ask(address, "DELETE").then(() => true, (error) => error instanceof Refused);
}

async function restart() {
  if (await giveBack("restart") === null) return;
  byHand = true;
  await open();
}

async function end() {
  const told = await giveBack("end");
  if (told === null) return;
  ended(`You have ended it.${told ? "" : " The site did not answer: it closes by itself, after a while without use."}`);
}

function openByHand() {
  byHand = true;
  return open();
}

function start() {
  page.classList.add("scripted");
  for (const opening of document.querySelectorAll("form.open")) {
    opening.addEventListener("submit", (event) => { event.preventDefault(); openByHand(); });
  }
  part("again").addEventListener("click", openByHand);
  part("leave").addEventListener("click", () => {
    trying?.abort();
    trying = null;
    keep(null);
    panel();
    become("preview");
    document.querySelector("form.open button")?.focus({ preventScroll: embedded });
  });
  if (embedded) {
    tellHeight(pool);
    whenSeen({
      once: () => { if (page.dataset.live === "visible" && page.dataset.state === "preview") open(); },
      changed: (seen) => watch?.show(seen),
    });
  }
  const kept = history.state;
  if (kept?.session) begin(kept.session.entry, kept.session.url);
  else if (kept?.ticket) open(kept.ticket);
}

start();
