/** Photos on their way and already there, in the order they will be shown. */
import type { Photo } from "../api/types";
import { uploadPhoto } from "../api/upload";
import { sentence } from "../ui/errors";
import { toast } from "../ui/toast.svelte";

export interface Slot {
  key: number;
  name: string;
  photo: Photo | null;
  /** 0 to 1, while on its way */
  share: number;
}

let nextKey = 1;

export class Uploads {
  slots: Slot[] = $state([]);
  readonly photos: Photo[] = $derived(this.slots.flatMap((slot) => (slot.photo ? [slot.photo] : [])));
  readonly busy: boolean = $derived(this.slots.some((slot) => !slot.photo));

  constructor(readonly max: number) {}

  /** Begins with photos that are there already. */
  start(photos: readonly Photo[]): void {
    this.slots = photos.map((photo) => ({ key: nextKey++, name: "", photo, share: 1 }));
  }

  /** Sends files one after another, so that a phone's uplink serves one well. What fails is said and taken away. */
  async add(files: Iterable<File>): Promise<void> {
    const room = this.max - this.slots.length;
    const chosen = Array.from(files).slice(0, Math.max(0, room));
    const waiting = chosen.map((file) => ({ file, key: nextKey++ }));
    this.slots.push(...waiting.map(({ file, key }) => ({ key, name: file.name, photo: null, share: 0 })));
    for (const { file, key } of waiting) await this.#send(file, key);
  }

  async #send(file: File, key: number): Promise<void> {
    const slot = (): Slot | undefined => this.slots.find((one) => one.key === key);
    try {
      const photo = await uploadPhoto(file, (share) => {
        const mine = slot();
        if (mine) mine.share = share;
      });
      const mine = slot();
      if (mine) mine.photo = photo;
    } catch (error) {
      this.remove(key);
      toast(sentence(error), { wrong: true });
    }
  }

  remove(key: number): void {
    this.slots = this.slots.filter((slot) => slot.key !== key);
  }
}
