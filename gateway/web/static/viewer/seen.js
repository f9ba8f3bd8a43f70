// Whether an embed is on the screen, wherever it stands on the page around it.

const PART = 0.15;
const PIXELS = 120;
const DWELL = 700;

// `changed` hears whether any of it can be seen; `once` when it was first seen for a moment, and not only scrolled by.
export function whenSeen({ once, changed }) {
  let timer = 0;
  let done = false;
  let inSight = false;
  const settle = () => {
    clearTimeout(timer);
    if (done || !inSight || document.visibilityState !== "visible") return;
    timer = setTimeout(() => { done = true; once(); }, DWELL);
  };
  const observer = new IntersectionObserver(([entry]) => {
    changed(entry.isIntersecting);
    // A part of a low embed, or some of a high one.
    inSight = entry.isIntersecting && (entry.intersectionRatio >= PART || entry.intersectionRect.height >= PIXELS);
    settle();
  }, { threshold: [0, PART, 0.5, 1] });
  observer.observe(document.documentElement);
  document.addEventListener("visibilitychange", settle);
}
