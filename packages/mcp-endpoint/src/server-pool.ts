import type { Readable } from "node:stream";
import type { JSONRPCMessage, JSONRPCRequest } from "@modelcontextprotocol/server";
import type { McpCaller } from "./mcp-caller.ts";
import type { McpServerFactory } from "./protocol-server.ts";
import { ServerLine } from "./server-line.ts";

/**
 * Has requests answered, each by a server that answers nobody else meanwhile.
 * @returns the answer; or, where something is to be said before it (progress, a log line), the events with
 * the answer as the last of them.
 */
export type AnswerRequest = (request: JSONRPCRequest, sender: Sender) => Promise<JSONRPCMessage | Readable>;

export type Sender = {
  readonly caller: McpCaller;
  /** For the answer to `initialize`. */
  readonly instructions: string | undefined;
  /** Whether the client reads a stream of events. */
  readonly takesEvents: boolean;
};

/** What a server remembers of the client that asked it: it is left after the answer. */
const remembered = new Set(["initialize", "logging/setLevel"]);

/** As many as are busy at once in a full hour; those that are made beyond it are left after their answer. */
const mostKept = 16;

/**
 * Keeps servers for the next request: to make one and connect it costs as much as to answer, and what the
 * SDK makes for a connection only the large garbage collections free.
 */
export function createServerPool(createServer: McpServerFactory): AnswerRequest {
  const free: ServerLine[] = [];
  return async (request, { caller, instructions, takesEvents }) => {
    if (remembered.has(request.method)) {
      const line = await ServerLine.open((callerOf) => createServer(callerOf, instructions));
      return line.ask(request, caller, takesEvents);
    }
    const line = free.pop() ?? (await ServerLine.open(createServer));
    if (line.isWorn) await line.reconnect();
    const outcome = await line.ask(request, caller, takesEvents);
    if (line.isFree && free.length < mostKept) free.push(line);
    return outcome;
  };
}
