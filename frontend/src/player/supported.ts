/** What this browser can do with live video. */

export interface Supported {
  watch: boolean;
  publish: boolean;
}

/** Whether this page may watch and publish: WebTransport and WebCodecs, both of which exist on secure origins only. */
export function supported(): Supported {
  const transport = typeof WebTransport === "function";
  return {
    watch: transport && typeof VideoDecoder === "function",
    publish: transport && typeof VideoEncoder === "function" && typeof AudioEncoder === "function",
  };
}
