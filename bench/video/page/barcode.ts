/** Time as a picture: 32 black or white cells, drawn twice, the second time inverted so that a torn reading is noticed. */

export const WIDTH = 1280;
export const HEIGHT = 720;
const CELL = WIDTH / 32;
const ROW = 80;

export const now = (): number => Math.floor(performance.timeOrigin + performance.now()) >>> 0;

/** Draws the present time over a moving background, 30 times a second. */
export function drawTime(canvas: HTMLCanvasElement): void {
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  const pen = canvas.getContext("2d")!;
  const draw = () => {
    const time = now();
    pen.fillStyle = `hsl(${(time / 20) % 360} 60% 40%)`;
    pen.fillRect(0, 2 * ROW, WIDTH, HEIGHT - 2 * ROW);
    pen.fillStyle = "#fff";
    pen.font = "60px monospace";
    pen.fillText(String(time), 100 + ((time / 10) % 500), 400);
    for (let bit = 0; bit < 32; bit++) {
      const set = (time >>> bit) & 1;
      pen.fillStyle = set ? "#fff" : "#000";
      pen.fillRect(bit * CELL, 0, CELL, ROW);
      pen.fillStyle = set ? "#000" : "#fff";
      pen.fillRect(bit * CELL, ROW, CELL, ROW);
    }
  };
  draw();
  setInterval(draw, 1000 / 30);
}

export interface Reading {
  /** milliseconds from drawing to seeing, one for each different frame */
  delays: number[];
  torn: number;
}

/** Reads the time off a picture at every refresh of the screen for `seconds`. */
export async function readTime(picture: CanvasImageSource, seconds: number): Promise<Reading> {
  const copy = new OffscreenCanvas(WIDTH, 2 * ROW);
  const eye = copy.getContext("2d", { willReadFrequently: true })!;
  const delays: number[] = [];
  let torn = 0;
  let last = 0;
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    await new Promise(requestAnimationFrame);
    const seen = now();
    // Only the code itself is copied, at the size it was drawn in.
    eye.drawImage(picture, 0, 0, sourceWidth(picture), (sourceHeight(picture) * 2 * ROW) / HEIGHT, 0, 0, WIDTH, 2 * ROW);
    const time = decode(eye.getImageData(0, 0, WIDTH, 2 * ROW).data);
    if (time === undefined) torn++;
    else if (time !== last) {
      last = time;
      delays.push(seen - time);
    }
  }
  return { delays, torn };
}

function decode(pixels: Uint8ClampedArray): number | undefined {
  let time = 0;
  for (let bit = 0; bit < 32; bit++) {
    const middle = bit * CELL + CELL / 2;
    const plain = pixels[((ROW / 2) * WIDTH + middle) * 4 + 1]! > 128;
    const inverted = pixels[((ROW + ROW / 2) * WIDTH + middle) * 4 + 1]! > 128;
    if (plain === inverted) return undefined;
    if (plain) time |= 1 << bit;
  }
  return time >>> 0;
}

function sourceWidth(picture: CanvasImageSource): number {
  return picture instanceof HTMLVideoElement ? picture.videoWidth : (picture as HTMLCanvasElement).width;
}

function sourceHeight(picture: CanvasImageSource): number {
  return picture instanceof HTMLVideoElement ? picture.videoHeight : (picture as HTMLCanvasElement).height;
}
