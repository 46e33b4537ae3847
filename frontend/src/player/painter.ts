/** Draws the newest decoded frame on the canvas, once for each refresh of the screen, and leaves the last one standing. */
export class Painter {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #painted: () => void;
  #source: (() => VideoFrame | undefined) | undefined;
  #request = 0;

  /** `painted` is called after each frame that was drawn. */
  constructor(canvas: HTMLCanvasElement, painted: () => void) {
    this.#canvas = canvas;
    this.#painted = painted;
    const context = canvas.getContext("2d", { alpha: false });
    if (!context) throw new Error("the canvas has no 2D context");
    this.#context = context;
  }

  /** There is a new frame; `source` gives the newest one when the screen is about to refresh. */
  schedule(source: () => VideoFrame | undefined): void {
    this.#source = source;
    this.#request ||= requestAnimationFrame(() => this.#paint());
  }

  stop(): void {
    cancelAnimationFrame(this.#request);
    this.#request = 0;
    this.#source = undefined;
  }

  #paint(): void {
    this.#request = 0;
    const frame = this.#source?.();
    if (!frame) return;
    const { displayWidth: width, displayHeight: height } = frame;
    // Setting the size clears the canvas, so only when it changed.
    if (this.#canvas.width !== width || this.#canvas.height !== height) {
      this.#canvas.width = width;
      this.#canvas.height = height;
    }
    this.#context.drawImage(frame, 0, 0, width, height);
    this.#painted();
  }
}
