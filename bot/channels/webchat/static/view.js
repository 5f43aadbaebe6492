// Shows the transcript. Elements are made once and then only changed, so that focus, scroll position
// and what a screen reader has read stay where they are.

import { makeFile } from "./files.js";
import { clock, formatReply, safeUrl, tag } from "./text.js";

const GAP = 5 * 60 * 1000; // a pause longer than this gets a time above the next message
const STATES = { pending: "发送中…", waiting: "未送达，连上网络后自动发送", failed: "未送达" };
const ARRIVED = { photo: "✓ 图片已发出", video: "✓ 视频已发出" };

export class View {
  /** `onPress(entry, button, place)` for a chosen button, `onResend(id)` for a failed message. */
  constructor(log, { onPress, onResend }) {
    Object.assign(this, { log, onPress, onResend, elements: new Map() });
  }

  /** Bring the log up to date; returns the elements that are new. */
  render(entries, connected) {
    const shown = entries.filter((entry) => !entry.hidden);
    this.forgetOthers(new Set(shown.map((entry) => entry.id)));
    const added = [];
    let previous = null;
    shown.forEach((entry, i) => {
      let element = this.elements.get(entry.id);
      if (element && element.dataset.edits !== String(entry.edits || 0)) {
        element.remove(); // changed by whoever wrote it: made anew in its place, which a screen reader hears
        element = null;
      }
      if (!element) {
        element = this.make(entry, previous);
        if (!this.elements.has(entry.id)) added.push(element);
        this.elements.set(entry.id, element);
      }
      if (this.log.children[i] !== element) this.log.insertBefore(element, this.log.children[i] || null);
      this.update(element, entry, connected);
      previous = entry;
    });
    return added;
  }

  forgetOthers(ids) {
    for (const [id, element] of this.elements) {
      if (ids.has(id)) continue;
      element.remove();
      this.elements.delete(id);
    }
  }

  make(entry, previous) {
    const element = tag("article", `message ${entry.who}`);
    element.dataset.edits = entry.edits || 0;
    if (!previous || entry.at - previous.at > GAP) element.append(tag("time", "clock", clock(entry.at)));
    const bubble = tag("div", "bubble");
    bubble.append(tag("span", "hidden", entry.who === "me" ? "我说：" : "法邻说："));
    if (entry.file) bubble.append(makeFile(entry.file));
    if (entry.who === "falin" && entry.text) bubble.append(formatReply(entry.text));
    else if (entry.text || !entry.file) bubble.append(tag("p", "", entry.text));
    element.append(bubble);
    if (entry.edits) element.append(tag("p", "edited", "已修改"));
    if (entry.who === "me") element.append(tag("p", "state"));
    else if (entry.buttons.length) element.append(this.makeButtons(entry));
    return element;
  }

  makeButtons(entry) {
    const group = tag("div", "choices");
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", "可以选择");
    entry.buttons.forEach((row, r) => {
      const line = tag("div", "row");
      row.forEach((button, c) => line.append(this.makeButton(entry, button, `${r}.${c}`)));
      group.append(line);
    });
    return group;
  }

  makeButton(entry, button, place) {
    const url = safeUrl(button.url);
    if (url) return makeLink(url, button.title);
    const element = tag("button", "choice", button.title);
    element.type = "button";
    element.dataset.place = place;
    element.addEventListener("click", () => {
      if (element.getAttribute("aria-disabled") !== "true") this.onPress(entry, button, place);
    });
    return element;
  }

  update(element, entry, connected) {
    if (entry.who === "me") {
      const state = entry.state === "pending" && !connected ? "waiting" : entry.state;
      if (element.dataset.state !== state) this.showState(element, entry, state);
    } else if (entry.pressed && element.dataset.pressed !== entry.pressed) {
      element.dataset.pressed = entry.pressed;
      element.querySelectorAll("button.choice").forEach((button) => closeChoice(button, entry.pressed));
    }
  }

  showState(element, entry, state) {
    element.dataset.state = state;
    const line = element.querySelector(".state");
    const arrived = entry.file ? ARRIVED[entry.file.kind] || "✓ 文件已发出" : "";
    line.textContent = STATES[state] || arrived;
    if (state !== "failed") return;
    const again = tag("button", "again", "重新发送");
    again.type = "button";
    again.addEventListener("click", () => this.onResend(entry.id));
    line.append(again);
  }
}

/** aria-disabled instead of disabled: a disabled button would drop the keyboard's focus. */
function closeChoice(button, pressed) {
  button.setAttribute("aria-disabled", "true");
  if (button.dataset.place === pressed) {
    button.classList.add("chosen");
    button.append(tag("span", "hidden", "（已选）"));
  } else {
    button.tabIndex = -1;
  }
}

function makeLink(url, title) {
  const link = tag("a", url.startsWith("tel:") ? "choice call" : "choice", title);
  link.href = url;
  if (!url.startsWith("tel:")) Object.assign(link, { target: "_blank", rel: "noopener noreferrer" });
  return link;
}
