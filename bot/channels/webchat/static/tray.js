// What is about to be sent: pictures and files that were chosen, pasted or dropped wait in a tray above the
// composer, where they can be looked at and taken out again. Nothing leaves the device before "发送".

import { isPicture, prepare, refusal, sizeOf } from "./files.js";
import { tag } from "./text.js";
import { upload } from "./upload.js";

const MOST = 9;

export class Tray {
  /** `onSent(file, caption)` for each file that has been uploaded, `tell(sentence)` what is wrong. */
  constructor(box, { onSent, tell }) {
    Object.assign(this, { box, onSent, tell, items: [], busy: false });
  }

  get isEmpty() {
    return this.items.length === 0;
  }

  add(files) {
    for (const file of files) {
      const sentence = this.items.length >= MOST ? `一次最多发 ${MOST} 个，请先发这些。` : refusal(file);
      if (sentence) return this.tell(sentence);
      const item = { file, name: file.name || "", row: null };
      this.items.push(item);
      this.box.append((item.row = this.makeRow(item)));
    }
    this.box.hidden = this.isEmpty;
  }

  makeRow(item) {
    const row = tag("li", "waiting");
    const what = tag("span", "what");
    what.append(tag("span", "name", item.name || "文件"), tag("small", "", sizeOf(item.file.size)));
    const picture = tag("span", "thumb", isPicture(item.file) ? "图" : "文件");
    picture.setAttribute("aria-hidden", "true");
    const out = tag("button", "out", "不发");
    out.type = "button";
    out.setAttribute("aria-label", `不发：${item.name || "这个文件"}`);
    out.addEventListener("click", () => this.remove(item));
    row.append(picture, what, out);
    if (isPicture(item.file)) showThumb(item.file, picture);
    return row;
  }

  remove(item) {
    if (item.request) item.request.abort();
    item.removed = true;
    item.row.remove();
    this.items = this.items.filter((other) => other !== item);
    this.box.hidden = this.isEmpty;
  }

  clear() {
    for (const item of [...this.items]) this.remove(item);
  }

  /** Send all, one after the other; `caption` goes with the first. Whether the caption went out. */
  async send(caption) {
    this.busy = true;
    let words = caption;
    try {
      while (!this.isEmpty) {
        const item = this.items[0];
        const file = await this.uploadItem(item);
        if (item.removed) continue;
        this.remove(item);
        this.onSent(file, words);
        words = "";
      }
    } catch (error) {
      this.tell(error.message);
    } finally {
      this.busy = false;
    }
    return words === "";
  }

  async uploadItem(item) {
    const what = item.row.querySelector(".what");
    what.querySelectorAll("progress, .doing").forEach((old) => old.remove());
    const bar = tag("progress");
    bar.max = 100;
    bar.value = 0;
    bar.setAttribute("aria-label", "发送进度");
    const doing = tag("small", "doing", "正在发…");
    what.append(doing, bar);
    try {
      const { blob, name } = await prepare(item.file);
      if (item.removed) return null;
      return await upload(item, blob, name, (percent) => {
        bar.value = percent;
        doing.textContent = `正在发… ${percent}%`;
      });
    } catch (error) {
      if (item.removed) return null;
      bar.remove();
      doing.textContent = "没有发出去";
      doing.classList.add("failed");
      throw error;
    }
  }
}

/** A small picture on a canvas: the content policy knows no blob addresses, and needs none. */
async function showThumb(file, place) {
  try {
    const bitmap = await createImageBitmap(file);
    const side = Math.min(bitmap.width, bitmap.height);
    const canvas = tag("canvas");
    canvas.width = canvas.height = 120;
    const [x, y] = [(bitmap.width - side) / 2, (bitmap.height - side) / 2];
    canvas.getContext("2d").drawImage(bitmap, x, y, side, side, 0, 0, 120, 120);
    bitmap.close();
    place.replaceChildren(canvas);
  } catch {
    // not every browser knows every kind of picture; the name is shown
  }
}
