import "./bridge";
import { createPublisher } from "@player/publish";
import { drawTime } from "./barcode";

const canvas = document.getElementById("clock") as HTMLCanvasElement;
drawTime(canvas);
const stream = canvas.captureStream(30);
if (!location.search.includes("silent")) {
  const microphone = await navigator.mediaDevices.getUserMedia({ audio: true });
  for (const track of microphone.getAudioTracks()) stream.addTrack(track);
}
window.states = [];
createPublisher(stream, {
  ticket: window.ticket,
  onState: (state, reason) => window.states.push(reason ? `${state}:${reason}` : state),
});
