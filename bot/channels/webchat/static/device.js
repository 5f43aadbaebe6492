// The device: large text, the height above the keyboard, where to scroll, short hints, leaving in a hurry.

import { change, clearTranscript, read } from "./store.js";

const opened = Date.now();
const HINT_SHOWN = 7000;
const NEAR = 80; // pixels from the end that still count as reading the end
const byId = (id) => document.getElementById(id);

/** "大字" switches large text on and off and remembers it. */
export function setUpLargeText() {
  const button = byId("large");
  const show = (large) => {
    document.documentElement.classList.toggle("large", large);
    button.setAttribute("aria-pressed", String(large));
  };
  show(read().large);
  button.addEventListener("click", () => {
    const follow = isAtEnd();
    show(change((state) => (state.large = !state.large)).large);
    if (follow) scrollToEnd();
  });
}

/** iOS lays its keyboard over the page; keep the composer above it. Not while zoomed in. */
export function followKeyboard() {
  const viewport = window.visualViewport;
  if (!viewport) return;
  viewport.addEventListener("resize", () => {
    const zoomed = viewport.scale > 1.05;
    document.documentElement.style.setProperty("--height", zoomed ? "" : `${viewport.height}px`);
  });
}

/** A sentence for a few seconds above the composer; screen readers hear it. */
export function hint(sentence) {
  const line = byId("hint");
  line.textContent = sentence;
  clearTimeout(hint.timer);
  hint.timer = setTimeout(() => (line.textContent = ""), HINT_SHOWN);
}

/** "更多": opens by tap, Enter or Space; closes by Escape, a tap elsewhere, or when focus leaves. */
export function setUpMenu() {
  const [button, menu] = [byId("more"), byId("menu")];
  const show = (open) => {
    menu.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
  };
  button.addEventListener("click", () => show(menu.hidden));
  menu.addEventListener("click", () => show(false));
  document.addEventListener("click", (event) => {
    if (!menu.contains(event.target) && event.target !== button) show(false);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || menu.hidden) return;
    show(false);
    button.focus();
  });
  menu.addEventListener("focusout", (event) => {
    const next = event.relatedTarget;
    if (next && next !== button && !menu.contains(next)) show(false);
  });
}

/** Leave without a trace on this device: no question asked, nothing to go back to. */
export function leave() {
  document.documentElement.classList.add("gone");
  if (read().left < opened) clearTranscript(true);
  location.replace("about:blank");
}

/** Whether somebody pressed "离开" in another tab since this page was opened. */
export const hasLeft = () => read().left > opened;

export function isAtEnd() {
  const box = byId("scroller");
  return box.scrollHeight - box.scrollTop - box.clientHeight < NEAR;
}

export function scrollToEnd() {
  const box = byId("scroller");
  box.scrollTop = box.scrollHeight;
}

/** Show the beginning of a new reply: its conclusion comes first, and a long one would hide it. */
export function scrollToStart(element) {
  const box = byId("scroller");
  const top = element.getBoundingClientRect().top - box.getBoundingClientRect().top + box.scrollTop;
  box.scrollTop = Math.min(top - 10, box.scrollHeight - box.clientHeight);
}
