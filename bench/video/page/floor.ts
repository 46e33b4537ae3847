import "./bridge";
import { drawTime, readTime } from "./barcode";

const canvas = document.getElementById("clock") as HTMLCanvasElement;
const video = document.getElementById("picture") as HTMLVideoElement;
drawTime(canvas);
video.srcObject = canvas.captureStream(30);
await video.play();
window.read = (seconds) => readTime(video, seconds);
