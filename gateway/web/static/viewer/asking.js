// Asks the gateway, and waits at a pace that many pages together can keep.

const JITTER = 0.25;

// The gateway said no. `code` names why, `wait` is in seconds where it told one.
export class Refused extends Error {
  constructor(status, told, wait) {
    super(told.message || "Something went wrong here. Please try again.");
    this.status = status;
    this.code = told.code || "";
    this.wait = wait;
  }
}

// Nothing of the gateway's came back: the network is gone, or the gateway is just being started anew.
export class Unreachable extends Error {}

export async function ask(address, method = "GET") {
  let answer;
  let told = {};
  try {
    answer = await fetch(address, { method, cache: "no-store", headers: { Accept: "application/json" } });
    if (answer.status !== 204) told = await answer.json();
  } catch (error) {
    throw new Unreachable("no answer", { cause: error });
  }
  if (answer.ok) return told;
  throw new Refused(answer.status, told, Number(answer.headers.get("Retry-After")) || 0);
}

// Milliseconds about as long as told: pages that were opened together do not stay in step.
export const about = (milliseconds) => milliseconds * (1 + JITTER * (2 * Math.random() - 1));

// Resolves after a while, or at once when `signal` is aborted.
export function pause(milliseconds, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, about(milliseconds));
    signal.addEventListener("abort", () => { clearTimeout(timer); resolve(); }, { once: true });
  });
}
