import { afterEach, expect, test, vi } from "vitest";
import { CLOSED, openLink, SPOKEN } from "./link";

const ticket = { url: "https://127.0.0.1:8000/watch/x?token=y", broadcast: "live", fingerprint: "00ff10", expires_at: "2026-11-22T11:10:18Z" };

/** Stands for the browser's class: keeps what it was opened with, and ends when told to. */
class Transport {
  ready = Promise.resolve();
  closed: Promise<{ closeCode: number; reason: string }>;
  end: (info: { closeCode: number; reason: string }) => void = () => {};
  lose: (error: Error) => void = () => {};
  constructor(
    readonly url: string,
    readonly options: WebTransportOptions & { protocols: string[] },
  ) {
    this.closed = new Promise((resolve, reject) => {
      this.end = resolve;
      this.lose = reject;
    });
  }
}

const open = (fingerprint: string | null) => {
  vi.stubGlobal("WebTransport", Transport);
  const link = openLink({ ...ticket, fingerprint }, SPOKEN.watch);
  return { link, transport: link.transport as unknown as Transport };
};

afterEach(() => vi.unstubAllGlobals());

test("the relay's own certificate is trusted by its fingerprint", () => {
  const { transport } = open("00ff10");
  expect(transport.url).toBe(ticket.url);
  expect(transport.options.serverCertificateHashes).toEqual([{ algorithm: "sha-256", value: new Uint8Array([0, 255, 16]) }]);
});

test("a real certificate needs no fingerprint", () => {
  expect(open(null).transport.options.serverCertificateHashes).toBeUndefined();
});

test("the relay's reason for the end is told, and that of a lost network is none", async () => {
  const told = open(null);
  told.transport.end({ closeCode: CLOSED.replaced, reason: "" });
  expect(await told.link.over).toBe(CLOSED.replaced);
  const lost = open(null);
  lost.transport.lose(new Error("Connection lost."));
  expect(await lost.link.over).toBe(0);
});
