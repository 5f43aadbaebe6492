// Sends what is waiting, one message at a time and oldest first, so that order survives a bad network.
// A message is sent again under the same id until the server confirms that it is stored.

import { change, isWaiting, read } from "./store.js";

const PATIENCE = 8000;
const TRIES = 5;
const STALE = 12 * 3600 * 1000; // after that the moment has passed: only send when asked to

export class Queue {
  /** `changed()` is called whenever the state of a message changes. */
  constructor(link, changed) {
    Object.assign(this, { link, changed, tries: 0, current: null });
  }

  /** Send the oldest waiting message, unless one is on its way. */
  flush() {
    if (!this.link.ready || this.current) return;
    const entry = read().entries.find(isWaiting);
    if (!entry) return;
    this.current = entry.id;
    this.link.send(frameOf(entry));
    this.timer = setTimeout(() => this.again(), PATIENCE);
  }

  /** The server has stored message `id`. */
  accepted(id) {
    change((state) => {
      const entry = state.entries.find((e) => e.id === id);
      if (entry && entry.state !== "sent") Object.assign(entry, { state: "sent", sentAt: Date.now() });
    });
    if (id === this.current) this.tries = 0;
    this.next(id);
  }

  /** The server will never take message `id`. */
  refused(id) {
    fail((entry) => entry.id === id);
    this.next(id);
  }

  /** The connection broke: whether the message arrived is unknown, so it will be sent again. */
  interrupt() {
    clearTimeout(this.timer);
    this.current = null;
    this.tries = 0;
  }

  again() {
    const id = this.current;
    this.tries += 1;
    if (this.tries >= TRIES) {
      this.tries = 0;
      fail((entry) => entry.id === id);
    }
    this.next(id);
  }

  next(id) {
    if (id === this.current) {
      clearTimeout(this.timer);
      this.current = null;
    }
    this.changed();
    this.flush();
  }
}

function frameOf({ id, payload, file, text }) {
  if (payload) return { type: "press", id, payload };
  if (file) return { type: "file", id, file: file.url.slice("/files/".length), caption: text };
  return { type: "say", id, text };
}

/** Messages that have been waiting since long ago wait for a tap instead. */
export function retireStale() {
  fail((entry) => Date.now() - entry.at > STALE);
}

function fail(which) {
  change((state) => {
    for (const entry of state.entries) if (isWaiting(entry) && which(entry)) entry.state = "failed";
  });
}
