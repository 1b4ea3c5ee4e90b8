import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";

/** An MCP client that writes and reads lines, so that a test sees every byte. */
export type LineClient = {
  /** Sends one line as it is. */
  write(line: string): void;
  /** The next line, whatever it is. */
  next(): Promise<string>;
  /** Sends a request and resolves with the whole line that came next. */
  request(message: { id: number; method: string; params?: object | null }): Promise<string>;
  /** Every line that ever came. */
  lines: readonly string[];
};

export function createLineClient(toServer: Writable, fromServer: Readable): LineClient {
  const lines: string[] = [];
  let read = 0;
  const reader = createInterface({ input: fromServer });
  reader.on("line", (line) => lines.push(line));
  const closed = once(reader, "close");

  async function next(): Promise<string> {
    while (lines.length <= read) {
      const ended = await Promise.race([once(reader, "line").then(() => false), closed.then(() => true)]);
      if (ended && lines.length <= read) throw new Error("it ended without a further line");
    }
    return lines[read++] ?? "";
  }

  const write = (line: string) => void toServer.write(`${line}\n`);
  return {
    lines,
    write,
    next,
    request(message) {
      write(JSON.stringify({ jsonrpc: "2.0", ...message }));
      return next();
    },
  };
}

/** How a client of 2025-11-25 begins. */
export function initialize(capabilities: object = {}) {
  const clientInfo = { name: "test", version: "1" };
  return {
    id: 0,
    method: "initialize",
    params: { protocolVersion: "2025-11-25", capabilities, clientInfo },
  };
}

export function toolCall(id: number, name: string, args: object) {
  return { id, method: "tools/call", params: { name, arguments: args } };
}
