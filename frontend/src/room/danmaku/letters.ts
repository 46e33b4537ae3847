import type { Comment } from "./said";
import { readsFromRight, shorten } from "./words";

/** Lengths in em. */
const WIDEST = 28;
const OUTLINE = 0.2;
const SHADOW = 0.4;
const MARGIN = 0.5;
const UNDERLINE = 0.12;
const UNDERLINE_BELOW = 0.3;

/** A comment cut to length and measured; `width` is that of its sprite in CSS px. */
export interface Worded extends Comment {
  width: number;
}

/** Draws comments with the fonts and colours of the tokens, each once, as sprites of one lane's height. */
export class Letters {
  private readonly font: string;
  private readonly em: number;
  private readonly colours: Record<Comment["voice"] | "own" | "outline" | "shadow", string>;
  private readonly ruler = new OffscreenCanvas(1, 1).getContext("2d")!;

  /** `host` wears the font and the theme; `ratio` is how many pixels of a sprite make one CSS px. */
  constructor(
    host: Element,
    private readonly laneHeight: number,
    private readonly ratio: number,
  ) {
    const style = getComputedStyle(host);
    const token = (name: string): string => style.getPropertyValue(name).trim();
    this.em = parseFloat(style.fontSize);
    this.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    this.colours = {
      guest: token("--on-night"),
      stall: token("--voice-stall"),
      question: token("--gold"),
      own: token("--gold"),
      outline: token("--night-deep"),
      shadow: token("--night-plate"),
    };
    this.ruler.font = this.font;
  }

  word(comment: Comment): Worded {
    const text = shorten(comment.text, WIDEST * this.em, (tried) => this.ruler.measureText(tried).width);
    const width = Math.min(WIDEST * this.em, this.ruler.measureText(text).width);
    return { ...comment, text, width: width + 2 * MARGIN * this.em };
  }

  draw({ text, width, voice, own }: Worded): ImageBitmap {
    const { em, ratio, colours } = this;
    const sheet = new OffscreenCanvas(Math.ceil(width * ratio), Math.ceil(this.laneHeight * ratio));
    const pen = sheet.getContext("2d")!;
    pen.scale(ratio, ratio);
    pen.font = this.font;
    pen.direction = readsFromRight(text) ? "rtl" : "ltr";
    pen.textAlign = "left";
    const { fontBoundingBoxAscent: up, fontBoundingBoxDescent: down } = pen.measureText(text);
    const left = MARGIN * em;
    const base = (this.laneHeight + up - down) / 2;

    pen.save();
    pen.shadowColor = colours.shadow;
    pen.shadowBlur = SHADOW * em * ratio;
    pen.shadowOffsetY = ratio;
    pen.lineJoin = "round";
    pen.lineWidth = OUTLINE * em;
    pen.strokeStyle = colours.outline;
    pen.strokeText(text, left, base);
    pen.restore();
    if (own) this.underline(pen, left, base + UNDERLINE_BELOW * em, width - 2 * left);
    pen.fillStyle = colours[voice];
    pen.fillText(text, left, base);
    return sheet.transferToImageBitmap();
  }

  private underline(pen: OffscreenCanvasRenderingContext2D, left: number, top: number, width: number): void {
    const thick = UNDERLINE * this.em;
    pen.fillStyle = this.colours.outline;
    pen.fillRect(left - 1, top - 1, width + 2, thick + 2);
    pen.fillStyle = this.colours.own;
    pen.fillRect(left, top, width, thick);
  }
}
