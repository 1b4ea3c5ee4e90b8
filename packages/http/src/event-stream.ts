import type { FastifyReply } from "fastify";

/** An open stream of Server-Sent Events. */
export type EventStream = {
  send(message: ServerSentEvent): void;
  close(): void;
  /** Closes it with the event `ended`, which says that connecting again is in vain. */
  end(): void;
  /** Aborted once the stream has ended, whoever has ended it. */
  readonly signal: AbortSignal;
};

/** `event`: its name. `id`: what the browser sends as `Last-Event-ID` when it connects again. */
export type ServerSentEvent = { readonly data: string; readonly event?: string; readonly id?: string };

export type EventStreamOptions = {
  /** Is asked at every heartbeat: a stream doesn't outlive its session. */
  readonly isStillAllowed: () => Promise<boolean>;
  /** Up to where everything was sent that is to be sent, as an id: for browsers that have been told of nothing for long. */
  readonly position?: () => string;
};

/** Below the time after which servers and proxies close a connection without any traffic. */
const heartbeatMs = 25_000;

/** A reader that has fallen behind by this much is dropped: it connects again, and goes on from there. */
const maxUnsentBytes = 256 * 1024;

/**
 * Answers a request with a stream.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export function openEventStream(
  reply: FastifyReply,
  { isStillAllowed, position }: EventStreamOptions,
): EventStream {
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
    if (raw.writableLength <= maxUnsentBytes) return;
    close();
    // What it hasn't read yet would wait in memory until it does.
    raw.destroy();
  };
  const end = () => {
    write("event: ended\ndata:\n\n");
    close();
  };
  const heartbeat = setInterval(async () => {
    const isAllowed = await isStillAllowed().catch(() => undefined);
    // An event without data moves the browser's last id, and is told to nobody.
    if (isAllowed) write(position === undefined ? ":\n\n" : `id: ${position()}\n\n`);
    else if (isAllowed === false) end();
    else close();
  }, heartbeatMs).unref();
  raw.once("close", close);
  // The browser may have left the page while its request waited.
  if (raw.destroyed) close();
  // So that the browser sees the stream begin.
  write(":\n\n");
  return { send: (message) => write(serialise(message)), close, end, signal: ended.signal };
}

function serialise({ data, event, id }: ServerSentEvent): string {
  const lines = data.split(/\r\n|\r|\n/).map((line) => `data: ${line}\n`);
  const name = event === undefined ? "" : `event: ${event}\n`;
  return `${name}${lines.join("")}${id === undefined ? "" : `id: ${id}\n`}\n`;
}
