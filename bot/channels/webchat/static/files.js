// Files: what may be sent, photos made smaller, and how a file in the conversation looks.

import { tag } from "./text.js";

const LARGEST = 20000000;
const LARGEST_BEFORE = 60000000; // a photo this big may still become small enough
const LONG_SIDE = 2560; // pixels: enough to read a contract
const ENDINGS = /\.(jpe?g|png|gif|webp|hei[cf]|mp4|m4v|mov|3gp|webm|avi|mp3|m4a|wav|ogg|oga|opus|amr|aac|flac|pdf|docx?|xlsx?|wps|et|txt)$/i;
const TOO_LARGE = "这个文件太大了（超过20MB），发不过去。请拍成照片，或分成几个小文件再发。";
const EMPTY = "这个文件是空的，请换一个再发。";
const WRONG_TYPE = "这种文件发不了。可以发图片、录音、视频、PDF、Word、Excel 和 txt 文件。";

export const isPicture = (file) => file.type.startsWith("image/");

/** Why this file cannot be sent, "" when it can; the server looks again, more closely. */
export function refusal(file) {
  if (file.size === 0) return EMPTY;
  if (file.size > (isPicture(file) ? LARGEST_BEFORE : LARGEST)) return TOO_LARGE;
  const known = ENDINGS.test(file.name) || /^(image\/(?!svg)|audio\/|video\/)/.test(file.type);
  return known ? "" : WRONG_TYPE;
}

/** The file as it will be sent: a large photo is reduced, which saves data and drops where it was taken. */
export async function prepare(file) {
  const asItIs = { blob: file, name: file.name || "" };
  let smaller = null;
  if (isPicture(file) && file.type !== "image/gif") smaller = await reduce(file).catch(() => null);
  if (smaller) return { blob: smaller, name: asItIs.name.replace(/\.[^.]*$/, "") + ".jpg" };
  if (file.size > LARGEST) throw new Error(TOO_LARGE);
  return asItIs;
}

async function reduce(file) {
  const bitmap = await createImageBitmap(file);
  const scale = LONG_SIDE / Math.max(bitmap.width, bitmap.height);
  if (scale >= 1) return null;
  const canvas = tag("canvas");
  canvas.width = Math.round(bitmap.width * scale);
  canvas.height = Math.round(bitmap.height * scale);
  const paper = canvas.getContext("2d");
  paper.fillStyle = "#fff"; // JPEG knows no transparency
  paper.fillRect(0, 0, canvas.width, canvas.height);
  paper.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.85));
}

/** "850 KB", "1.2 MB". */
export function sizeOf(bytes) {
  if (!bytes) return "";
  if (bytes < 1000000) return `${Math.max(1, Math.round(bytes / 1000))} KB`;
  return `${(bytes / 1000000).toFixed(1)} MB`;
}

/** A file in the conversation: a picture, something to play, or a link. */
export function makeFile(file) {
  if (!/^\/files\/[\w.-]+$/.test(file.url)) return tag("p", "", file.name);
  if (/^image\/(jpeg|png|gif|webp)$/.test(file.mime) || (file.kind === "photo" && !file.mime)) return makePicture(file);
  if (file.mime.startsWith("audio/") || file.kind === "voice") return makePlayer("audio", file);
  if (file.mime.startsWith("video/") || file.kind === "video") return makePlayer("video", file);
  return makeLink(file);
}

function makePicture(file) {
  const link = tag("a", "picture");
  Object.assign(link, { href: file.url, target: "_blank", rel: "noopener" });
  const image = tag("img");
  image.loading = "lazy";
  image.alt = `图片${file.name ? `：${file.name}` : ""}，点开看大图`;
  image.addEventListener("error", () => link.replaceWith(makeLink(file)));
  image.src = file.url;
  link.append(image);
  return link;
}

function makePlayer(kind, file) {
  const player = tag(kind, "player");
  player.controls = true;
  player.preload = "none";
  player.setAttribute("aria-label", `${kind === "audio" ? "录音" : "视频"}${file.name ? `：${file.name}` : ""}`);
  player.addEventListener("error", () => player.replaceWith(makeLink(file)));
  player.src = file.url;
  return player;
}

function makeLink(file) {
  const names = { photo: "图片", voice: "录音", video: "视频" };
  const link = tag("a", "document");
  Object.assign(link, { href: file.url, target: "_blank", rel: "noopener" });
  const title = tag("span", "name", file.name || names[file.kind] || "文件");
  link.append(title, tag("small", "", [sizeOf(file.size), "点开看"].filter(Boolean).join(" · ")));
  return link;
}
