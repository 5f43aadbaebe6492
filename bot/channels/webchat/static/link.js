// The connection: opens, says hello, keeps itself alive, comes back after a break.

const PING_EVERY = 25000;
const PATIENCE = 10000; // for a pong or for "ready"; after that the line is taken for dead
const LONGEST_PAUSE = 30000;
const NO_COOKIE = 4401;
const RELOADED = "falin-reloaded";

export class Link {
  /** `last()` tells how far replies were seen; `onFrame(frame)`; `onState("ready" | "lost" | "no-cookie")`. */
  constructor({ last, onFrame, onState }) {
    Object.assign(this, { last, onFrame, onState });
    this.ready = false;
    this.socket = null;
    this.failures = 0;
    window.addEventListener("online", () => this.wake());
    window.addEventListener("offline", () => this.drop());
    document.addEventListener("visibilitychange", () => document.hidden || this.wake());
    window.addEventListener("pageshow", (event) => event.persisted && this.wake());
    setInterval(() => this.ping(), PING_EVERY);
  }

  open() {
    if (this.stopped) return;
    clearTimeout(this.retry);
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = (this.socket = new WebSocket(`${scheme}://${location.host}/ws`));
    const mine = (handle) => (event) => this.socket === socket && handle(event);
    socket.onopen = mine(() => this.send({ type: "hello", last: this.last() }));
    socket.onmessage = mine((event) => this.receive(JSON.parse(event.data)));
    socket.onclose = mine((event) => this.closed(event.code));
    this.expect();
  }

  send(frame) {
    if (this.socket && this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(frame));
  }

  receive(frame) {
    clearTimeout(this.deadline);
    if (frame.type === "ready") {
      this.ready = true;
      this.failures = 0;
      forgetReload();
      this.onState("ready");
    } else if (frame.type !== "pong") {
      this.onFrame(frame);
    }
  }

  closed(code) {
    this.ready = false;
    this.socket = null;
    clearTimeout(this.deadline);
    if (code === NO_COOKIE) {
      if (reloadOnce()) return;
      this.onState("no-cookie");
      return;
    }
    this.onState("lost");
    const pause = Math.min(1000 * 2 ** this.failures, LONGEST_PAUSE);
    this.failures += 1;
    this.retry = setTimeout(() => this.open(), pause * (0.75 + Math.random() / 2));
  }

  /** Give this connection up without waiting for the other side to notice. */
  drop() {
    const socket = this.socket;
    if (!socket) return;
    this.socket = null;
    socket.close();
    this.closed(1006);
  }

  /** Close for good. */
  stop() {
    const socket = this.socket;
    this.socket = null;
    this.ready = false;
    clearTimeout(this.retry);
    clearTimeout(this.deadline);
    this.stopped = true;
    if (socket) socket.close();
  }

  /** Somebody is looking again, or the network is back: do not sit out the pause. */
  wake() {
    this.failures = 0;
    if (this.socket) this.ping();
    else this.open();
  }

  ping() {
    if (!this.ready) return;
    this.send({ type: "ping" });
    this.expect();
  }

  expect() {
    clearTimeout(this.deadline);
    this.deadline = setTimeout(() => this.drop(), PATIENCE);
  }
}

/** Loading the page again sets the cookie; once, or a browser without cookies would do it for ever. */
function reloadOnce() {
  try {
    if (sessionStorage.getItem(RELOADED)) return false;
    sessionStorage.setItem(RELOADED, "1");
  } catch {
    return false;
  }
  location.reload();
  return true;
}

function forgetReload() {
  try {
    sessionStorage.removeItem(RELOADED);
  } catch {
    // no storage, nothing to forget
  }
}
