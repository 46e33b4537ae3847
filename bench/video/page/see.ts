import "./bridge";
import { createPlayer } from "@player/watch";
import { readTime } from "./barcode";

const canvas = document.getElementById("picture") as HTMLCanvasElement;
window.states = [];
const note = (word: string) => window.states.push(`${Math.round(performance.now())} ${word}`);
const player = createPlayer(canvas, {
  ticket: window.ticket,
  muted: !location.search.includes("sound"),
  onState: (state, reason) => note(reason ? `${state}:${reason}` : state),
  onFirstFrame: () => note("first frame"),
  onGesture: (needed) => note(`gesture ${needed}`),
});
window.read = (seconds) => readTime(canvas, seconds);
Object.assign(window, { player });
