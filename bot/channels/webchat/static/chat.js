// The chat page: joins the record, the connection, the queue and what is seen.

import {
  followKeyboard, hasLeft, hint, isAtEnd, leave, scrollToEnd, scrollToStart, setUpLargeText, setUpMenu,
} from "./device.js";
import { Link } from "./link.js";
import { Queue, retireStale } from "./queue.js";
import { Tray } from "./tray.js";
import { change, clearTranscript, newId, onOtherTab, read } from "./store.js";
import { View } from "./view.js";

const LONGEST = 180000; // bytes; the server ends the connection beyond 200,000
const TYPING_SHOWN = 4000; // falin answers at once; a person who has the case takes longer, and is not announced
const BANNER_AFTER = 1500; // a short break is nobody's business
const COMMUNITY = /^([a-z][a-z0-9_-]{0,30}|(case|mediation)_[A-Za-z0-9_-]{20,60})$/; // a community, a case that goes on here, a mediation to answer

const byId = (id) => document.getElementById(id);
const text = byId("text");
const hasKeyboard = window.matchMedia("(hover: hover) and (pointer: fine)");

const view = new View(byId("log"), { onPress: press, onResend: resend });
const link = new Link({ last: () => read().last, onFrame: take, onState: connection });
const queue = new Queue(link, show);
const tray = new Tray(byId("tray"), { onSent: sentFile, tell: hint });

function show() {
  const { entries } = read();
  const added = view.render(entries, link.ready);
  const now = Date.now();
  const isOpen = (e) => e.who === "me" && e.state === "sent" && !e.answered && now - e.sentAt < TYPING_SHOWN;
  const open = entries.some(isOpen);
  const follow = isAtEnd();
  byId("opening").hidden = view.elements.size > 0;
  byId("typing").hidden = !(open && link.ready);
  if (follow && !added.length) scrollToEnd();
  return added;
}

// --- from the server ---

function take(frame) {
  if (frame.type === "reply") takeReply(frame);
  else if (frame.type === "accepted") queue.accepted(frame.id);
  else if (frame.type === "refused") {
    queue.refused(frame.id);
    hint(frame.message);
  } else if (frame.type === "error") hint(frame.message);
}

function takeReply(frame) {
  const follow = isAtEnd();
  change((state) => {
    const unwanted = state.discard.includes(frame.inReplyTo) && frame.inReplyTo !== "";
    const question = state.entries.find((e) => e.id === frame.inReplyTo);
    if (question) Object.assign(question, { answered: true, state: "sent" });
    if (frame.outbox <= state.last) return;
    state.last = frame.outbox;
    if (unwanted) return;
    const { text, buttons, file } = frame;
    const earlier = state.entries.find((e) => frame.replaces && e.id === `r${frame.replaces}`);
    if (earlier) {
      Object.assign(earlier, { text, buttons, file, edits: (earlier.edits || 0) + 1 });
      delete earlier.pressed;
      hint("前面有一条消息，对方改过了。");
    } else {
      const id = `r${frame.replaces || frame.outbox}`; // what it replaces was cleared: it stands for that
      state.entries.push({ id, who: "falin", text, buttons, file, at: Date.now() });
    }
  });
  const added = show();
  link.send({ type: "seen", last: read().last });
  if (!added.length) return;
  if (follow) followTo(added[0], frame.inReplyTo);
  else byId("newer").hidden = false;
}

/** Several messages may answer one question: the first of them stays in view. */
function followTo(element, question) {
  const before = element.previousElementSibling;
  const more = question && question === followTo.question && followTo.last === before;
  Object.assign(followTo, { last: element, question });
  scrollToStart(more ? before : element);
}

function connection(state) {
  clearTimeout(connection.timer);
  const banner = byId("banner");
  if (state === "ready") {
    banner.textContent = "";
    start();
    queue.flush();
  } else {
    queue.interrupt();
    const sentence =
      state === "no-cookie"
        ? "请在浏览器设置里允许本网站使用 Cookie，再打开一次。"
        : "网络断开了，正在重新连接。您写的话会留着，连上后自动发送。";
    connection.timer = setTimeout(() => (banner.textContent = sentence), banner.textContent ? 0 : BANNER_AFTER);
  }
  show();
}

/** The first visit, and the first visit by a community's poster, begin with a greeting. */
function start() {
  const wanted = new URLSearchParams(location.search).get("c") || "";
  const community = COMMUNITY.test(wanted) ? wanted : "";
  const { entries, started } = read();
  if (community && !started.includes(community)) {
    change((state) => state.started.push(community));
    say(`/start ${community}`, { hidden: true });
  } else if (entries.every((e) => e.hidden && e.state === "failed") && !start.cleared) {
    say("/start", { hidden: true });
  }
}

// --- from the client ---

function say(words, more = {}) {
  const entry = { id: newId(), who: "me", text: words, at: Date.now(), state: "pending", answered: false };
  change((state) => state.entries.push({ ...entry, ...more }));
  const added = show();
  if (added.length) scrollToEnd();
  queue.flush();
}

function press(entry, button, place) {
  change((state) => {
    const pressed = state.entries.find((e) => e.id === entry.id);
    if (pressed) pressed.pressed = place;
  });
  say(button.title, { payload: button.payload });
}

function resend(id) {
  change((state) => {
    const entry = state.entries.find((e) => e.id === id);
    if (entry) Object.assign(entry, { state: "pending", at: Date.now() });
  });
  text.focus();
  show();
  queue.flush();
}

function sentFile({ file, name, kind, mime, size }, caption) {
  say(caption, { file: { url: `/files/${file}`, name, kind, mime, size } });
}

async function sendTray(words) {
  if (tray.busy) return hint("正在发，请稍等一下。");
  byId("hint").textContent = "";
  if ((await tray.send(words)) && text.value.trim() === words) {
    text.value = "";
    grow();
  }
}

function sendTyped() {
  const words = text.value.trim();
  if (!tray.isEmpty) return sendTray(words);
  if (!words) {
    hint("先写几个字，再点“发送”。");
    text.focus();
    return;
  }
  if (new TextEncoder().encode(JSON.stringify(words)).length > LONGEST) {
    hint("这段话太长了，请分成几条，把要紧的先说。");
    return;
  }
  text.value = "";
  grow();
  if (hasKeyboard.matches) text.focus();
  else text.blur(); // a phone's keyboard would cover the answer
  say(words);
}

function grow() {
  text.style.height = "auto";
  text.style.height = `${text.scrollHeight + text.offsetHeight - text.clientHeight}px`;
}

// --- the page ---

function setUpComposer() {
  byId("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    sendTyped();
  });
  text.addEventListener("input", grow);
  text.addEventListener("keydown", (event) => {
    // While an input method composes, Enter picks a character (229: Safari reports it so).
    const composing = event.isComposing || event.keyCode === 229;
    if (event.key !== "Enter" || event.shiftKey || composing || !hasKeyboard.matches) return;
    event.preventDefault();
    sendTyped();
  });
  document.querySelectorAll("[data-say]").forEach((button) => {
    button.addEventListener("click", () => say(button.dataset.say));
  });
}

function setUpFiles() {
  const carriesFiles = (data) => data && Array.from(data.types).includes("Files");
  byId("attach").addEventListener("click", () => byId("file").click());
  byId("file").addEventListener("change", () => {
    addFiles(byId("file").files);
    byId("file").value = ""; // so that the same file can be chosen again
  });
  document.addEventListener("paste", (event) => carriesFiles(event.clipboardData) && takeFrom(event, event.clipboardData));
  document.addEventListener("dragover", (event) => carriesFiles(event.dataTransfer) && event.preventDefault());
  document.addEventListener("drop", (event) => carriesFiles(event.dataTransfer) && takeFrom(event, event.dataTransfer));
}

function takeFrom(event, data) {
  event.preventDefault();
  addFiles(data.files);
}

function addFiles(files) {
  tray.add(Array.from(files));
  if (!tray.isEmpty) byId("send").focus({ preventScroll: true });
}

function goAway() {
  link.stop(); // or an answer on its way would be written into the record again
  tray.clear();
  leave();
}

function setUpRecord() {
  byId("leave").addEventListener("click", goAway);
  byId("clear").addEventListener("click", () => {
    if (!window.confirm("清空这台设备上的聊天记录？要删除法邻那边的资料，请发“忘记我”。")) return;
    start.cleared = true;
    clearTranscript();
    queue.interrupt();
    show();
    hint("本机记录已清空。");
    text.focus();
  });
  onOtherTab(() => {
    if (hasLeft()) return goAway();
    const follow = isAtEnd();
    show();
    if (follow) scrollToEnd();
    queue.flush();
  });
}

function setUpScrolling() {
  byId("newer").addEventListener("click", () => {
    scrollToEnd();
    byId("scroller").focus();
  });
  byId("scroller").addEventListener("scroll", () => isAtEnd() && (byId("newer").hidden = true));
  window.addEventListener("resize", () => document.activeElement === text && scrollToEnd());
}

setUpLargeText();
setUpMenu();
setUpComposer();
setUpRecord();
setUpScrolling();
followKeyboard();
setUpFiles();
retireStale();
show();
scrollToEnd();
byId("log").removeAttribute("aria-busy");
setInterval(show, 2000); // the typing sign does not stay for ever
if (hasKeyboard.matches) text.focus();
link.open();
