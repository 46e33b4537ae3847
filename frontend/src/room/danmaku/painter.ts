import { Flock } from "./flock";
import { Letters, type Worded } from "./letters";
import type { Comment } from "./said";

/** Finer than this nobody sees in motion, and every pixel of it has to be moved. */
const FINEST = 2;
const MOST_LANES = 3;

/** The room there is, in CSS px. */
export interface Space {
  width: number;
  height: number;
  laneHeight: number;
}

/**
 * Lets comments fly over a canvas. Each is drawn once, as a sprite; a frame only moves sprites. No frame is asked for
 * while nothing flies, and the browser gives none while the page is hidden.
 */
export class Painter {
  private readonly pen: CanvasRenderingContext2D;
  private readonly sprites = new Map<Worded, ImageBitmap>();
  private readonly flock = new Flock<Worded>((comment) => this.forget(comment));
  private letters: Letters | null = null;
  private laneHeight = 0;
  private ratio = 1;
  private frame = 0;

  constructor(private readonly canvas: HTMLCanvasElement) {
    this.pen = canvas.getContext("2d")!;
  }

  /** Takes another size: of the picture, of the text, or of the screen's pixels. */
  fit({ width, height, laneHeight }: Space, pixels: number): void {
    const ratio = Math.min(FINEST, pixels);
    if (laneHeight !== this.laneHeight || ratio !== this.ratio || !this.letters) {
      this.flock.clear();
      this.letters = new Letters(this.canvas, laneHeight, ratio);
      this.laneHeight = laneHeight;
      this.ratio = ratio;
    }
    const lanes = laneHeight > 0 ? Math.min(MOST_LANES, Math.floor(height / laneHeight)) : 0;
    this.flock.resize({ width, lanes, laneHeight });
    this.canvas.width = Math.ceil(width * ratio);
    this.canvas.height = Math.ceil(lanes * laneHeight * ratio);
    this.canvas.style.height = `${lanes * laneHeight}px`;
    this.wake();
  }

  say(comments: Comment[]): void {
    if (!this.letters || document.hidden) return;
    for (const comment of comments) this.flock.add(this.letters.word(comment), performance.now());
    this.wake();
  }

  remove(ids: string[]): void {
    for (const id of ids) this.flock.remove(id);
  }

  close(): void {
    cancelAnimationFrame(this.frame);
    this.flock.clear();
  }

  private wake(): void {
    if (this.frame === 0 && !this.flock.idle) this.frame = requestAnimationFrame(this.paint);
  }

  private readonly paint = (now: number): void => {
    this.frame = 0;
    this.pen.clearRect(0, 0, this.canvas.width, this.canvas.height);
    for (const { rider, left, top } of this.flock.at(now)) {
      this.pen.drawImage(this.spriteOf(rider), Math.round(left * this.ratio), Math.round(top * this.ratio));
    }
    this.wake();
  };

  private spriteOf(comment: Worded): ImageBitmap {
    const made = this.sprites.get(comment);
    if (made) return made;
    const sprite = this.letters!.draw(comment);
    this.sprites.set(comment, sprite);
    return sprite;
  }

  private forget(comment: Worded): void {
    this.sprites.get(comment)?.close();
    this.sprites.delete(comment);
  }
}
