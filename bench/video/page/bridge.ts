/** What the bench gives to its pages, and what it reads from them. */
import type { Ticket } from "../../../frontend/src/api/types";
import type { Reading } from "./barcode";

declare global {
  interface Window {
    /** a ticket for this page's role, fetched by the bench */
    ticket(): Promise<Ticket>;
    states: string[];
    read(seconds: number): Promise<Reading>;
  }
}
