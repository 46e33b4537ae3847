/** From a failure to a calm sentence in the reader's language: what happened, and what can be done. */
import { ApiError } from "../api/client";
import { lookUp, t, type Params } from "./i18n";

/** Never a bare code: an unknown one gets the general sentence. */
export function sentence(error: unknown): string {
  if (!(error instanceof ApiError)) return t("error.unknown");
  const params = readable(error.params);
  if (error.code === "payment.declined") {
    const reason = lookUp(`error.payment.declined.${String(error.params.reason)}`, params);
    if (reason) return reason;
  }
  return lookUp(`error.${error.code}`, params) ?? t(error.status >= 500 ? "error.net.server" : "error.unknown");
}

/** The sentences for the fields of a form, by the name of the field (`variants.0.stock`). */
export function fieldSentences(error: unknown): Record<string, string> {
  if (!(error instanceof ApiError)) return {};
  return Object.fromEntries(error.fields.map(({ path, problem }) => [fieldName(path), problemSentence(problem)]));
}

/** A problem is one of our words, or what the server's schema wrote ("Expected `str` of length >= 1"). */
function problemSentence(problem: string): string {
  if (/length >= 1\b/.test(problem)) return t("problem.empty");
  if (/length >=/.test(problem)) return t("problem.too_short");
  if (/length <=/.test(problem)) return t("problem.too_long");
  if (/>=|>/.test(problem)) return t("problem.too_small");
  if (/<=|</.test(problem)) return t("problem.too_large");
  return lookUp(`problem.${problem}`) ?? t("problem.other");
}

/** `$.variants[0].stock` and `variants.0.stock` are the same field. */
function fieldName(path: string): string {
  return path.replace(/^\$\.?/, "").replace(/\[(\d+)\]/g, ".$1");
}

function readable(params: Record<string, unknown>): Params {
  const entries = Object.entries(params).filter((entry): entry is [string, string | number] => ["string", "number"].includes(typeof entry[1]));
  const read: Params = Object.fromEntries(entries);
  if (typeof read.retry_after === "number") read.retry_after = Math.max(1, Math.ceil(read.retry_after));
  return read;
}
