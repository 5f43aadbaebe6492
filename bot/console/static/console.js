// Everything works without this file, except that pages change by themselves.
"use strict";

const page = document.body;

// --- live updates: the server says that something has changed, the page fetches itself and swaps what is marked ---

let stream = null;
let fetching = false;

function inUse(part) {
  const fields = part.querySelectorAll("textarea, select, input:not([type=hidden])");
  return part.contains(document.activeElement) && document.activeElement.matches("textarea, select, input")
    || [...fields].some((f) => f.type === "radio" || f.type === "checkbox" ? f.checked !== f.defaultChecked
      : f.tagName === "SELECT" ? [...f.options].some((o) => o.selected !== o.defaultSelected && o.value)
      : f.value !== f.defaultValue);
}

function swap(part, fresh) {
  if (part.innerHTML === fresh.innerHTML || inUse(part)) return;
  const opened = [...part.querySelectorAll("details")].map((d) => d.open);
  const atBottom = part.scrollHeight - part.scrollTop - part.clientHeight < 60;
  const top = part.scrollTop;
  part.innerHTML = fresh.innerHTML;
  part.querySelectorAll("details").forEach((d, i) => { if (opened[i]) d.open = true; });
  if ("bottom" in part.dataset) part.scrollTop = atBottom ? part.scrollHeight : top;
}

async function refresh() {
  if (fetching || document.hidden) return;
  fetching = true;
  try {
    const answer = await fetch(location.href, { headers: { "X-Live": "1" }, credentials: "same-origin" });
    if (answer.status === 401) return location.reload();
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of document.querySelectorAll("[data-live]")) {
      const twin = fresh.getElementById(part.id);
      if (twin) swap(part, twin);
    }
  } catch {
    // The network is away: the stream tries again by itself.
  } finally {
    fetching = false;
  }
}

function listen() {
  if (stream || !("events" in page.dataset) || !("EventSource" in window)) return;
  stream = new EventSource("/console/events?since=" + encodeURIComponent(page.dataset.events));
  stream.addEventListener("changed", (event) => {
    page.dataset.events = event.data;
    refresh();
  });
  stream.addEventListener("out", () => location.reload());
}

function stop() {
  if (stream) stream.close();
  stream = null;
}

// A hidden tab holds no line open: browsers allow six to one server.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return stop();
  refresh();
  listen();
});
addEventListener("pagehide", stop);
if ("events" in page.dataset) {
  listen();
  setInterval(refresh, 60000); // the time that is left goes on although nothing happens
}

for (const part of document.querySelectorAll("[data-bottom]")) part.scrollTop = part.scrollHeight;

// --- writing ---

for (const form of document.querySelectorAll("form[data-draft]")) {
  const box = form.querySelector("textarea");
  const key = "draft " + form.dataset.draft;
  if (new URLSearchParams(location.search).get("done") === "sent") sessionStorage.removeItem(key);
  if (!box.value) box.value = sessionStorage.getItem(key) || "";
  box.addEventListener("input", () => sessionStorage.setItem(key, box.value));
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
}

// What can no longer be sent need not be kept.
for (const part of document.querySelectorAll("[data-drop]")) sessionStorage.removeItem("draft " + part.dataset.drop);

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-fill]");
  const box = document.getElementById("text");
  if (!link || !box) return;
  event.preventDefault();
  const words = link.parentElement.querySelector(".text").textContent;
  box.value = box.value.trim() ? box.value.trimEnd() + "\n" + words : words;
  box.dispatchEvent(new Event("input"));
  box.focus();
});

// A second press must not send twice.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || (event.submitter && "again" in event.submitter.dataset)) return; // a download
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "1";
  setTimeout(() => delete form.dataset.sent, 8000);
});
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((f) => delete f.dataset.sent));

// "done=…" has been said: reloading need not say it again.
if (location.search.includes("done=")) {
  const address = new URL(location.href);
  address.searchParams.delete("done");
  address.searchParams.delete("reference");
  history.replaceState(null, "", address);
}
