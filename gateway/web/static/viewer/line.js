// Stands in line with a ticket until there is a notebook.
import { Refused, Unreachable, ask, pause } from "./asking.js";

const ASK_EVERY = 3_000;
const AFTER_LOSS = 1_500;
const BACK_OFF_MOST = 20_000;
const LOST = new Set(["W306", "W307"]);

// Returns the session, or null when `signal` was aborted or the place is lost. `place` hears where one stands, and
// null while nobody answers.
//
// A page of its own hears of each step by a stream, which also keeps its place while it is hidden. Embeds ask: a
// browser opens six connections to one site, and six streams would leave none to the other embeds of a page.
export async function stand(ticket, { streamed, place, signal }) {
  let back = AFTER_LOSS;
  while (!signal.aborted) {
    try {
      const told = await ask(ticket.url);
      if (told.status === "ready") return told;
      if (!signal.aborted) place(told);
      back = AFTER_LOSS;
      await (streamed ? turn(ticket, place, signal) : pause(ASK_EVERY, signal));
    } catch (error) {
      if (error instanceof Refused && LOST.has(error.code)) return null;
      if (!(error instanceof Unreachable || error.status >= 500)) throw error;
      place(null);
      await pause(back, signal);
      back = Math.min(2 * back, BACK_OFF_MOST);
    }
  }
  return null;
}

// Resolves when it may be one's turn, or when the stream is over for another reason: then it is time to ask.
function turn(ticket, place, signal) {
  return new Promise((resolve) => {
    const stream = new EventSource(ticket.events);
    const over = () => { stream.close(); resolve(); };
    stream.addEventListener("place", (event) => place(JSON.parse(event.data)));
    stream.addEventListener("turn", over);
    stream.addEventListener("over", over);
    stream.addEventListener("error", over);
    signal.addEventListener("abort", over, { once: true });
  });
}

export const leave = (ticket) => ask(ticket.url, "DELETE").catch(() => {});
