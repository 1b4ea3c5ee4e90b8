import { once } from "node:events";
import type { FastifyReply } from "fastify";
import { maxUnsentBytes, patienceMs, startHeartbeat } from "./heartbeat.ts";

/** An open stream of Server-Sent Events. */
export type EventStream = {
  send(message: ServerSentEvent): void;
  /** Resolves once what was sent is mostly read. A reader that takes too long is dropped. */
  ready(): Promise<void>;
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
    stopHeartbeat();
    ended.abort();
    raw.end();
  };
  /** What it hasn't read yet would wait in memory until it does. */
  const drop = () => {
    close();
    raw.destroy();
  };
  const write = (text: string) => {
    if (ended.signal.aborted) return;
    raw.write(text);
    if (raw.writableLength > maxUnsentBytes) drop();
  };
  const end = () => {
    write("event: ended\ndata:\n\n");
    close();
  };
  // An event without data moves the browser's last id, and is told to nobody.
  const beat = () => write(position === undefined ? ":\n\n" : `id: ${position()}\n\n`);
  const stopHeartbeat = startHeartbeat({ isStillAllowed, onBeat: beat, onEnded: end, onUnknown: close });
  raw.once("close", close);
  // The browser may have left the page while its request waited.
  if (raw.destroyed) close();
  // So that the browser sees the stream begin, and knows from where to go on.
  beat();
  const ready = async () => {
    if (!raw.writableNeedDrain || ended.signal.aborted) return;
    const signal = AbortSignal.any([ended.signal, AbortSignal.timeout(patienceMs)]);
    await once(raw, "drain", { signal }).catch(drop);
  };
  return { send: (message) => write(serialise(message)), ready, close, end, signal: ended.signal };
}

function serialise({ data, event, id }: ServerSentEvent): string {
  const lines = data.split(/\r\n|\r|\n/).map((line) => `data: ${line}\n`);
  const name = event === undefined ? "" : `event: ${event}\n`;
  return `${name}${lines.join("")}${id === undefined ? "" : `id: ${id}\n`}\n`;
}
