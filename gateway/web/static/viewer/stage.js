// The live notebook in its frame: put there, measured, and taken away, so that its page asks for nothing any more.

const MOST_HEIGHT = 30_000;
const LEAST_HEIGHT = 80;
const FIRST_HEIGHT = 600;
const SPIRAL = 8;
const AFTER_LOAD = 300;
const SHOWN_LIMIT = 10_000;

export class Stage {
  // `grows` says that the frame is as high as the notebook; `shown` hears when there is something to see, `closed`
  // that the notebook's page has lost a connection.
  constructor(place, { title, grows, cells, kind, shown, closed }) {
    Object.assign(this, { place, title, grows, cells, kind, hears: { shown, closed } });
    this.frame = null;
    addEventListener("message", (event) => this.heard(event));
  }

  open(entry) {
    this.clear();
    this.frame = document.createElement("iframe");
    this.frame.title = `${this.title}, live`;
    this.frame.allow = "fullscreen; clipboard-write";
    this.told = this.grew = 0;
    this.visible = false;
    if (this.grows) this.frame.style.height = `${FIRST_HEIGHT}px`;
    this.tells = false;
    // A page that tells nothing of itself is shown as soon as it has loaded.
    this.frame.addEventListener("load", () => {
      this.timer = setTimeout(() => this.appear(), this.tells ? SHOWN_LIMIT : AFTER_LOAD);
    });
    this.frame.src = this.address(entry);
    this.place.append(this.frame);
  }

  address(entry) {
    if (this.kind !== "pluto" || !this.cells.length) return entry;
    const only = this.cells.map((cell) => `isolated_cell_id=${encodeURIComponent(cell)}`).join("&");
    return `${entry}${entry.includes("?") ? "&" : "?"}${only}`;
  }

  clear() {
    clearTimeout(this.timer);
    this.frame?.remove();
    this.frame = null;
  }

  appear() {
    if (this.frame === null || this.visible) return;
    this.visible = true;
    clearTimeout(this.timer);
    this.hears.shown();
  }

  heard(event) {
    if (this.frame === null || event.source !== this.frame.contentWindow) return;
    const { type, height } = event.data ?? {};
    if (type === "warmgate:inside") {
      this.tells = true;
      event.source.postMessage({ type: "warmgate:layout", grows: this.grows, cells: this.cells }, "*");
    } else if (type === "warmgate:shown") {
      this.appear();
    } else if (type === "warmgate:closed") {
      this.hears.closed();
    } else if (type === "warmgate:height" && this.grows && Number.isFinite(height)) {
      this.resize(Math.ceil(height));
    }
  }

  // A page that is always higher than its frame would grow for ever: after some equal steps it is left alone.
  resize(height) {
    const step = height - this.told;
    this.grew = step > 0 && step === this.step ? this.grew + 1 : 0;
    this.step = step;
    this.told = height;
    if (this.grew < SPIRAL) {
      this.frame.style.height = `${Math.min(Math.max(height, LEAST_HEIGHT), MOST_HEIGHT)}px`;
    }
  }

  // The keyboard goes to the notebook, and there to what its page would have had it for.
  focus() {
    this.frame?.focus({ preventScroll: true });
    this.frame?.contentWindow.postMessage({ type: "warmgate:enter" }, "*");
  }
}
