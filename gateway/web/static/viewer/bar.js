// The bar above a notebook: what it says, and what it can be asked for.

const NEAR_END = 120;
const TICK = 5_000;
const NAMES = {
  preview: "Preview", asking: "Opening", waiting: "In line", connecting: "Connecting", live: "Live", ended: "Ended",
  failed: "Not opened",
};

const part = (id) => document.getElementById(id);

export class Bar {
  constructor({ stay, restart, end }) {
    this.left = null;
    this.near = false;
    part("more").addEventListener("click", () => this.unfold(part("more").ariaExpanded !== "true"));
    part("stay").addEventListener("click", stay);
    part("restart").addEventListener("click", restart);
    part("end").addEventListener("click", end);
    part("hide").addEventListener("click", () => this.hide(true));
    part("show").addEventListener("click", () => this.hide(false));
    this.fullScreen();
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || part("more").ariaExpanded !== "true") return;
      this.unfold(false);
      part("more").focus();
    });
    document.addEventListener("click", (event) => {
      if (!event.target.closest("#tools, #more")) this.unfold(false);
    });
    addEventListener("blur", () => this.unfold(false));
    setInterval(() => this.tick(), TICK);
  }

  unfold(open) {
    part("more").ariaExpanded = String(open);
    part("tools").classList.toggle("shown", open);
  }

  hide(hidden) {
    document.body.classList.toggle("barless", hidden);
    part("show").hidden = !hidden;
    part(hidden ? "show" : "hide").focus();
    this.unfold(false);
    if (!hidden && document.activeElement !== part("hide")) part("more").focus();
  }

  fullScreen() {
    const button = part("full");
    button.parentElement.hidden = !document.fullscreenEnabled;
    button.addEventListener("click", () => {
      if (document.fullscreenElement) document.exitFullscreen();
      else document.documentElement.requestFullscreen().catch(() => {});
    });
    document.addEventListener("fullscreenchange", () => {
      button.textContent = document.fullscreenElement ? "Leave full screen" : "Full screen";
    });
  }

  // `state` is one of NAMES. Told to a screen reader too.
  state(state) {
    part("state").textContent = NAMES[state];
    part("more").hidden = false;
    // A link or two need no menu.
    const few = !["connecting", "live"].includes(state);
    part("more").classList.toggle("useful", !few);
    part("tools").classList.toggle("few", few);
    document.body.classList.remove("away");
    if (state !== "live" && state !== "connecting") this.lasts(null);
    this.say(NAMES[state]);
  }

  away() {
    document.body.classList.add("away");
    part("state").textContent = "Connection lost, trying again";
  }

  say(sentence) {
    if (part("said").textContent !== sentence) part("said").textContent = sentence;
  }

  // How long the session lasts, as the gateway tells it; null when there is none.
  lasts(told) {
    if (told !== null && document.body.classList.contains("away")) {
      document.body.classList.remove("away");
      part("state").textContent = NAMES[document.body.dataset.state];
    }
    this.left = told && { idle: told.idle_left, age: told.age_left, at: performance.now() };
    if (told === null) this.near = false;
    this.tick();
  }

  tick() {
    part("left").hidden = this.left === null;
    if (this.left === null) return;
    const gone = (performance.now() - this.left.at) / 1000;
    const fixed = this.left.age <= this.left.idle;
    const left = Math.max(0, Math.min(this.left.age, this.left.idle) - gone);
    const near = left < NEAR_END;
    part("minutes").textContent = `${spoken(left)} left`;
    part("minutes").title = fixed ? "Nothing lives longer here" : "Without use it closes then";
    part("left").classList.toggle("near", near);
    part("stay").hidden = fixed;
    // Once, and not over the word that the notebook is there.
    const warn = near && !this.near && document.body.dataset.state === "live";
    if (warn) {
      this.say(fixed ? `This notebook ends in ${spoken(left)}.` : `Closes in ${spoken(left)} without use. Stay keeps it.`);
    }
    this.near = near && (warn || this.near);
  }
}

function spoken(seconds) {
  if (seconds < 45) return "under a minute";
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3600)} h`;
}
