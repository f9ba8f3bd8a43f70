// Tells the page around an embed how high it is: in our own words, and in iframe-resizer's (version 4, MIT).

const RESIZER = "[iFrameSizer]";

export function tellHeight(name) {
  if (window.parent === window) return;
  let last = 0;
  let resizer = null;
  const tell = (event) => {
    const height = Math.ceil(document.body.getBoundingClientRect().height);
    if (height === last && event !== "init") return;
    last = height;
    // Anybody may know: it is no secret.
    window.parent.postMessage({ type: "warmgate:height", name, height }, "*");
    if (resizer !== null) {
      window.parent.postMessage(`${RESIZER}${resizer}:${height}:${document.body.clientWidth}:${event}`, "*");
    }
  };
  new ResizeObserver(() => tell("resizeObserver")).observe(document.body);
  addEventListener("message", (event) => {
    if (event.source !== window.parent || typeof event.data !== "string" || !event.data.startsWith(RESIZER)) return;
    resizer = event.data.slice(RESIZER.length).split(":")[0];
    tell("init");
  });
  window.parent.postMessage("[iFrameResizerChild]Ready", "*");
  tell("init");
}
