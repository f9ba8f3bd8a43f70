// The waiting page: tells where one stands as it changes, and goes on to the notebook when it is one's turn.
"use strict";

const page = document.getElementById("waiting");
const part = (id) => document.getElementById(id);
const stream = new EventSource(`${page.dataset.ticket}/events`);

stream.addEventListener("place", (event) => {
  const place = JSON.parse(event.data);
  part("position").textContent = place.position;
  part("order").textContent = place.position === 1 ? "You are next." : `${place.position - 1} ahead of you`;
  part("estimate").textContent = place.estimate_text;
  part("trouble").textContent = place.trouble;
  document.title = `${place.position} · ${page.dataset.title}`;
  const progress = part("progress");
  if (place.estimate === null) {
    progress.removeAttribute("value");
  } else {
    progress.max = place.waited + place.estimate + 0.1;
    progress.value = place.waited;
  }
  part("note").textContent = "Keep this page open: closing it gives your place to the next one.";
});

stream.addEventListener("turn", () => {
  stream.close();
  part("estimate").textContent = "now";
  // Replaced, so that the browser's Back leads to where one came from and not to a used ticket.
  location.replace(location.href);
});

stream.addEventListener("over", () => takeAnother());

stream.addEventListener("error", () => {
  if (stream.readyState === EventSource.CLOSED) {
    takeAnother();
  } else {
    part("note").textContent = "The connection is interrupted. Trying again; your place is kept for a few seconds.";
  }
});

part("leave").addEventListener("click", () => {
  fetch(page.dataset.ticket, { method: "DELETE", keepalive: true });
});

// The place is lost, by a restart of the site or a long interruption: stand in line anew.
function takeAnother() {
  stream.close();
  setTimeout(() => location.replace(page.dataset.again), 1000);
}
