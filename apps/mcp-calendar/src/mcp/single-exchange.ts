import { PassThrough, type Readable } from "node:stream";
import type { JSONRPCMessage, JSONRPCRequest, Server, Transport } from "@modelcontextprotocol/server";

/**
 * Lets a server answer one request: the SDK's own protocol code behind the smallest transport there is.
 * The SDK's HTTP transport builds a web request, a response and streams for every call, which costs more
 * time and memory than the call itself. A server that has answered is at work on nothing, and simply left.
 *
 * @param server made for this exchange alone.
 * @param takesEvents whether the client reads a stream of events.
 * @returns the answer; or, where something is to be said before it (progress, a log line), the events
 * with the answer as the last of them.
 */
export async function exchange(
  server: Server,
  request: JSONRPCRequest,
  takesEvents: boolean,
): Promise<JSONRPCMessage | Readable> {
  const { promise: answered, resolve: answer } = Promise.withResolvers<JSONRPCMessage | Readable>();
  let events: PassThrough | undefined;
  const transport: Transport = {
    start: async () => undefined,
    async send(message) {
      if (!("method" in message)) {
        if (events === undefined) answer(message);
        else events.end(toEvent(message));
      } else if ("id" in message) {
        throw new Error("A client can't be asked anything: no session outlives this exchange.");
      } else if (takesEvents) {
        events ??= openEvents(server);
        events.write(toEvent(message));
        answer(events);
      }
    },
    close: async () => transport.onclose?.(),
  };
  await server.connect(transport);
  transport.onmessage?.(request);
  return answered;
}

/** Closed when the answer was sent, or when the client has gone: what is still at work is told so. */
function openEvents(server: Server): PassThrough {
  const events = new PassThrough();
  events.once("close", () => server.close());
  return events;
}

function toEvent(message: JSONRPCMessage): string {
  return `event: message\ndata: ${JSON.stringify(message)}\n\n`;
}
