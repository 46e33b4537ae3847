/** The frame, this small, is the light behind the picture and the measure of its brightness: drawn large it is soft by itself. */
export const LIGHT = { width: 10, height: 10 };

/**
 * How strong the scrims must be for text to keep its contrast over a frame: .75 over a dark one, 1 over white.
 * `pixels` is RGBA, eight bits each.
 */
export function scrimFor(pixels: Uint8ClampedArray): number {
  let sum = 0;
  for (let at = 0; at < pixels.length; at += 4) {
    sum += 0.2126 * pixels[at]! + 0.7152 * pixels[at + 1]! + 0.0722 * pixels[at + 2]!;
  }
  const mean = sum / (pixels.length / 4) / 255;
  return 0.75 + 0.25 * Math.min(1, mean * 1.6);
}
