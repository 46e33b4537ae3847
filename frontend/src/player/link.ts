import type { Ticket } from "../api/types";

/** How the relay ended a session; the numbers are those of `ennichi/media/stall.py`. */
export const CLOSED = { replaced: 409, ended: 410 } as const;

/** One WebTransport session to the relay, opened before the engine is even loaded. */
export interface Link {
  ticket: Ticket;
  transport: WebTransport;
  /** Resolves when the session is over, with the code the relay gave for it; 0 when the network ended it. */
  over: Promise<number>;
}

/** What the engine of each role speaks, newest first; the relay picks. */
export const SPOKEN = {
  watch: ["moq-lite-05", "moq-lite-04", "moq-lite-03"],
  publish: ["moq-lite-04", "moq-lite-03"],
};

interface LinkOptions extends WebTransportOptions {
  protocols: string[];
}

export function openLink(ticket: Ticket, protocols: string[]): Link {
  const options: LinkOptions = { allowPooling: false, congestionControl: "low-latency", protocols };
  if (ticket.fingerprint) {
    options.serverCertificateHashes = [{ algorithm: "sha-256", value: fromHex(ticket.fingerprint) }];
  }
  const transport = new WebTransport(ticket.url, options);
  transport.ready.catch(() => {});
  const over = transport.closed.then(
    (info) => info?.closeCode ?? 0,
    () => 0,
  );
  return { ticket, transport, over };
}

export function closeLink(link: Link): void {
  try {
    link.transport.close();
  } catch {
    // It was never open, or is closed already.
  }
}

function fromHex(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
