// Keeps an eye on a session: rarely, only while somebody can see the page, and never after its end.
import { Refused, about, ask } from "./asking.js";

const CALM = 20_000;
const NEAR_END = 60;
const WHEN_NEAR = 6_000;
const LEAST = 2_000;
const BACK_OFF_MOST = 120_000;
const OVER = new Set([404, 410]);

export class Watch {
  // `told` hears how long the session lasts, `ended` why it is over, `away` that nobody answers.
  constructor(address, { told, ended, away }) {
    this.address = address;
    this.hears = { told, ended, away };
    this.seen = true;
    this.failures = 0;
    this.last = -Infinity;
    this.timer = 0;
    this.stopped = false;
    this.asking = false;
    this.onVisible = () => this.soon();
    document.addEventListener("visibilitychange", this.onVisible);
    addEventListener("pageshow", this.onVisible);
    addEventListener("online", this.onVisible);
  }

  get visible() {
    return this.seen && document.visibilityState === "visible";
  }

  // Whether an embed is on the screen, as far as its browser tells.
  show(seen) {
    const came = seen && !this.seen;
    this.seen = seen;
    if (came) this.soon();
  }

  // Something may have changed: look, but not twice in a moment.
  soon() {
    if (this.visible) this.after(Math.max(0, LEAST - (performance.now() - this.last)));
  }

  after(milliseconds) {
    clearTimeout(this.timer);
    if (!this.stopped) this.timer = setTimeout(() => this.look(), milliseconds);
  }

  async look(what = "", method = "GET") {
    if (this.stopped || this.asking || (method === "GET" && !this.visible)) return;
    this.asking = true;
    this.last = performance.now();
    try {
      const told = await ask(this.address + what, method);
      if (this.stopped) return;
      this.failures = 0;
      this.hears.told(told);
      const left = Math.min(told.idle_left, told.age_left);
      this.after(about(left < NEAR_END ? WHEN_NEAR : Math.min(CALM, 1000 * (left - NEAR_END) + WHEN_NEAR)));
    } catch (error) {
      if (this.stopped) return;
      if (error instanceof Refused && OVER.has(error.status)) {
        this.stop();
        this.hears.ended(error.message);
        return;
      }
      this.failures += 1;
      this.hears.away();
      this.after(about(Math.min(WHEN_NEAR * 2 ** (this.failures - 1), BACK_OFF_MOST)));
    } finally {
      this.asking = false;
    }
  }

  stay() {
    return this.look("/stay", "POST");
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
    document.removeEventListener("visibilitychange", this.onVisible);
    removeEventListener("pageshow", this.onVisible);
    removeEventListener("online", this.onVisible);
  }
}
