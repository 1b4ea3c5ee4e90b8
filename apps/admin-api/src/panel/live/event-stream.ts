import type { FastifyReply } from "fastify";

/** An open stream of Server-Sent Events. */
export type EventStream = {
  /** Sends an unnamed message, which htmx swaps into the page. */
  send(data: string): void;
  close(): void;
  /** Closes it, and says that connecting again is in vain. Elements name the event in `hx-sse:close`. */
  end(): void;
  /** Aborted once the stream has ended, whoever has ended it. */
  readonly signal: AbortSignal;
};

/** Below the time after which servers and proxies close a connection without any traffic. */
const heartbeatMs = 25_000;

/** A reader that has fallen behind by this much is dropped: it connects again, and the page is as it is then. */
const maxUnsentBytes = 256 * 1024;

/**
 * Answers a request with a stream.
 * @param isStillAllowed is asked at every heartbeat: a stream doesn't outlive its session.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export function openEventStream(reply: FastifyReply, isStillAllowed: () => Promise<boolean>): EventStream {
  const ended = new AbortController();
  reply.hijack();
  const { raw } = reply;
  for (const [name, value] of Object.entries(reply.getHeaders()))
    if (value !== undefined) raw.setHeader(name, value);
  raw.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store",
    "x-accel-buffering": "no",
  });
  const close = () => {
    clearInterval(heartbeat);
    ended.abort();
    raw.end();
  };
  const write = (text: string) => {
    if (ended.signal.aborted) return;
    raw.write(text);
    if (raw.writableLength > maxUnsentBytes) close();
  };
  const end = () => {
    write("event: ended\ndata:\n\n");
    close();
  };
  const heartbeat = setInterval(async () => {
    const isAllowed = await isStillAllowed().catch(() => undefined);
    if (isAllowed) write(":\n\n");
    else if (isAllowed === false) end();
    else close();
  }, heartbeatMs).unref();
  raw.once("close", close);
  // The browser may have left the page while its request waited.
  if (raw.destroyed) close();
  // So that the browser sees the stream begin.
  write(":\n\n");
  return {
    send: (data) =>
      write(
        `${data
          .split(/\r\n|\r|\n/)
          .map((line) => `data: ${line}\n`)
          .join("")}\n`,
      ),
    close,
    end,
    signal: ended.signal,
  };
}
