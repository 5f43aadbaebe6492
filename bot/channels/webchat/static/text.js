// falin writes plain text; this gives its usual parts a little shape, and makes telephone numbers dial.

const STEP = /^[①-⑳]/;
const BASIS = /^【?(法律)?依据/;
const NOTE = /^(以上|※|（|注：|提示：)/;
const LABEL = /^(【[^】]{1,12}】|[^，。；：！？、《》\s①-⑳]{2,10}：)(.*)$/;
const CALL = /((?:拨打|打|拨|电话|热线)[：: ]?)((?:0\d{2,3}-?)?\d{7,8}|1\d{10}|\d{5}|1\d{2})(?![\d元万块次下平])/;

/** The lines of a reply as paragraphs. */
export function formatReply(text) {
  const lines = text.split("\n");
  const isAnswer = lines.some((line) => STEP.test(line) || BASIS.test(line));
  const fragment = document.createDocumentFragment();
  lines.forEach((line, i) => {
    const p = document.createElement("p");
    p.className = isAnswer ? kind(line, i) : "";
    const label = isAnswer && LABEL.exec(line);
    if (label) {
      const strong = document.createElement("strong");
      strong.textContent = label[1];
      p.classList.add("section");
      p.append(strong);
    }
    appendDialling(p, label ? label[2] : line);
    fragment.append(p);
  });
  return fragment;
}

function kind(line, i) {
  if (i === 0) return "lead";
  if (STEP.test(line)) return "step";
  if (BASIS.test(line)) return "basis";
  return NOTE.test(line) ? "note" : "";
}

function appendDialling(parent, text) {
  let rest = text;
  for (let found = CALL.exec(rest); found; found = CALL.exec(rest)) {
    const link = document.createElement("a");
    link.href = `tel:${found[2]}`;
    link.textContent = found[2];
    parent.append(rest.slice(0, found.index) + found[1], link);
    rest = rest.slice(found.index + found[0].length);
  }
  parent.append(rest);
}

/** An element with a class and plain text in it. */
export function tag(name, className = "", text = "") {
  const element = document.createElement(name);
  if (className) element.className = className;
  element.textContent = text;
  return element;
}

/** Where a button's link may lead; anything else gets no link. */
export function safeUrl(url) {
  return /^(tel:[\d+*#-]+|https?:\/\/|\/(?!\/))/.test(url) ? url : "";
}

/** "今天 14:05", "昨天 9:30", "11月3日 9:30". */
export function clock(at, now = Date.now()) {
  const time = new Date(at);
  const minutes = String(time.getMinutes()).padStart(2, "0");
  const day = (moment) => new Date(moment).setHours(0, 0, 0, 0);
  const days = Math.round((day(now) - day(at)) / 86400000);
  const date = days === 0 ? "今天" : days === 1 ? "昨天" : `${time.getMonth() + 1}月${time.getDate()}日`;
  return `${date} ${time.getHours()}:${minutes}`;
}
