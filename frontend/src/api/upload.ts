/** Sends one photo and says how far it is; `fetch` cannot tell progress, so this is the one place that uses XMLHttpRequest. */
import { API, ApiError, toError } from "./client";
import type { Photo } from "./types";

export const MAX_PHOTO_BYTES = 15 * 1024 * 1024;

/** Resolves with the stored photo. `progress` is called with 0 to 1. Rejects with ApiError. */
export function uploadPhoto(file: File, progress: (share: number) => void): Promise<Photo> {
  if (file.size > MAX_PHOTO_BYTES) return Promise.reject(new ApiError(413, "input.too_large"));
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    xhr.open("POST", `${API}/photos`);
    xhr.setRequestHeader("Content-Type", file.type || "application/octet-stream");
    xhr.upload.onprogress = (event) => {
      if (event.lengthComputable) progress(event.loaded / event.total);
    };
    xhr.onerror = () => reject(new ApiError(0, "net.offline"));
    xhr.onload = () => {
      const answer = parse(xhr.responseText);
      if (xhr.status >= 200 && xhr.status < 300 && answer) resolve(answer as Photo);
      else reject(toError(xhr.status, answer));
    };
    xhr.send(file);
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
