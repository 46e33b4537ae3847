import { newKey } from "../api/client";
import { known } from "./trouble";

/** Keys for requests that could count twice: one stays the same until the answer to it is known. */
export class Intents {
  private readonly keys = new Map<string, string>();

  async once<T>(path: string, body: object, send: (key: string) => Promise<T>): Promise<T> {
    const intent = path + JSON.stringify(body);
    const key = this.keys.get(intent) ?? newKey();
    this.keys.set(intent, key);
    try {
      const answer = await send(key);
      this.keys.delete(intent);
      return answer;
    } catch (error) {
      if (known(error)) this.keys.delete(intent);
      throw error;
    }
  }
}
