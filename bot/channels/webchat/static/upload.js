// Brings one file to the server and reports how far it is.

const LOST = "网络不通，没有发出去。请再点一次“发送”。";
const FAILED = "没有发成功，请过一会儿再点一次“发送”。";

/** `item.request` can be aborted meanwhile; resolves to {file, name, mime, kind, size}, rejects with a sentence. */
export function upload(item, blob, name, progress) {
  return new Promise((resolve, reject) => {
    const request = (item.request = new XMLHttpRequest());
    request.open("POST", "/files");
    request.responseType = "json";
    request.setRequestHeader("X-File-Name", encode(name));
    request.setRequestHeader("Content-Type", blob.type || "application/octet-stream");
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) progress(Math.floor((100 * event.loaded) / event.total));
    };
    request.onload = () => {
      const answer = request.response || {};
      if (request.status === 200 && answer.file) resolve(answer);
      else reject(new Error(answer.message || FAILED));
    };
    request.onerror = request.onabort = request.ontimeout = () => reject(new Error(LOST));
    request.timeout = 300000;
    request.send(blob);
  });
}

function encode(name) {
  try {
    return encodeURIComponent(name);
  } catch {
    return ""; // half a character in it; older browsers know no better way to tell
  }
}
