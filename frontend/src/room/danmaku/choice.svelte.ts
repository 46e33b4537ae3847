/** Whether comments fly: the reader's choice, remembered in this browser. The first script of the page has only this. */
import { keep, kept } from "../../ui/kept";

const NAME = "flying-comments";
const stillness = matchMedia("(prefers-reduced-motion: reduce)");

class Choice {
  private wanted = $state(kept<boolean>(NAME)?.value !== false);
  private still = $state(stillness.matches);

  constructor() {
    stillness.addEventListener("change", () => (this.still = stillness.matches));
  }

  /** There is something to choose: not for who asked for less motion, nor in a browser that cannot draw aside. */
  get offered(): boolean {
    return !this.still && typeof OffscreenCanvas === "function";
  }

  get on(): boolean {
    return this.wanted && this.offered;
  }

  toggle = (): void => {
    this.wanted = !this.wanted;
    keep(NAME, this.wanted);
  };
}

export const flying = new Choice();
