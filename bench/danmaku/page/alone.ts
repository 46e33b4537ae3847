import Danmaku from "@product/room/danmaku/Danmaku.svelte";
import "@product/ui/tokens.css";
import { mount } from "svelte";

const wanted = new URLSearchParams(location.search);
const rate = Number(wanted.get("rate"));
const words: string[] = JSON.parse(wanted.get("words")!);

/** Says `rate` lines a second, as the feed would tell them. */
function pour(listener: (events: object[]) => void): void {
  let said = 0;
  const begun = performance.now();
  setInterval(() => {
    const due = Math.floor(((performance.now() - begun) / 1000) * rate) - said;
    if (due <= 0) return;
    listener(
      Array.from({ length: due }, (_, n) => ({
        type: "line",
        line: {
          id: `${said + n}`,
          at: new Date().toISOString(),
          kind: "said",
          account: { id: `${(said + n) % 300}`, name: "guest", seller: (said + n) % 20 === 0, moderator: false },
          text: words[(said + n) % words.length],
          question: (said + n) % 7 === 0,
          quiet: false,
        },
      })),
    );
    said += due;
  }, 50);
}

const live = {
  now: { store: { id: "bench" } },
  listen(listener: (events: object[]) => void) {
    pour(listener);
    return () => undefined;
  },
};
mount(Danmaku, { target: document.body, props: { live: live as never, own: "8", below: 104, room: 300 } });
