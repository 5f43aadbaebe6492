// What this device remembers: the transcript, what is still to be sent, and how far replies were seen.
// Local storage is the one truth, so that two tabs of one browser show and send the same.
// An entry is {id, who: "me"|"falin", text, at, …}:
//   me:    state "pending" | "sent" | "failed", answered, hidden (not shown), payload (a pressed button)
//   falin: buttons, pressed ("row.column" of the button that was chosen), edits (how often it was changed)
//   both:  file {url, name, kind, mime, size}

const KEY = "falin";
const KEPT = 100;

const fresh = () => ({ entries: [], last: 0, started: [], discard: [], large: false, left: 0 });

// When the browser refuses storage, the page at least works until it is closed.
let memory = null;

export function read() {
  if (memory) return memory;
  try {
    return Object.assign(fresh(), JSON.parse(localStorage.getItem(KEY)));
  } catch (error) {
    if (error instanceof SyntaxError) return fresh();
    memory = fresh();
    return memory;
  }
}

/** Read, let `edit` change it, write; returns the new state. */
export function change(edit) {
  const state = read();
  edit(state);
  const surplus = state.entries.length - KEPT;
  if (surplus > 0) state.entries = state.entries.filter((entry, i) => i >= surplus || isWaiting(entry));
  if (!memory && !write(state)) memory = state;
  return state;
}

/** Whether the state could be stored, if need be without its older half. */
function write(state) {
  for (const entries of [state.entries, state.entries.slice(state.entries.length / 2)]) {
    try {
      localStorage.setItem(KEY, JSON.stringify(Object.assign(state, { entries })));
      return true;
    } catch {
      // full, or forbidden
    }
  }
  return false;
}

export const isWaiting = (entry) => entry.who === "me" && entry.state === "pending";

/**
 * Forget the conversation on this device; answers to what was asked before will not be shown, either.
 * `leaving` makes other tabs leave, too.
 */
export function clearTranscript(leaving = false) {
  return change((state) => {
    const open = state.entries.filter((entry) => entry.who === "me" && !entry.answered);
    state.discard = state.discard.concat(open.map((entry) => entry.id)).slice(-KEPT);
    state.entries = [];
    if (leaving) state.left = Date.now();
  });
}

/** Call `changed` when another tab has changed the record. */
export function onOtherTab(changed) {
  window.addEventListener("storage", (event) => {
    if (event.key === KEY || event.key === null) changed();
  });
}

/** A message id; crypto.randomUUID is missing on pages without https. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
