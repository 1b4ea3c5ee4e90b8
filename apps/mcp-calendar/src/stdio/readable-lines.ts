import { Transform } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import {
  explainMalformed,
  idOf,
  refuseMalformedInitialize,
  rpcError,
  toReadableMessage,
} from "@cita/mcp-endpoint";
import { isJSONRPCNotification, isJSONRPCRequest, isJSONRPCResponse } from "@modelcontextprotocol/server";

/** In characters. Longer messages are refused. */
const maxLineLength = 256 * 1024;

/** A JSON-RPC error, with the id of the message where one can be read. */
export type LineRefusal = ReturnType<typeof rpcError>;

/**
 * Passes on each line that is a JSON-RPC message, and calls `refuse` for every other line. The SDK's transport would drop
 * those, and their sender would wait forever. A malformed `initialize` is refused as over HTTP.
 */
export function readableLines(refuse: (refusal: LineRefusal) => void): Transform {
  const decoder = new StringDecoder("utf8");
  let begun = "";
  let skipping = false;

  function take(line: string): string {
    if (skipping) {
      skipping = false;
      return "";
    }
    // Some programs on Windows write a byte order mark first.
    const text = line.startsWith("\ufeff") ? line.slice(1) : line;
    if (text.trim() === "") return "";
    const message = text.length > maxLineLength ? undefined : parse(text);
    const refusal = text.length > maxLineLength ? tooLong : refusalOf(message);
    if (refusal === undefined) return `${toLine(text, message)}\n`;
    refuse(refusal);
    return "";
  }

  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const lines = (begun + decoder.write(chunk)).split("\n");
      begun = lines.pop() ?? "";
      const readable = lines.map(take).join("");
      if (begun.length > maxLineLength) {
        if (!skipping) refuse(tooLong);
        skipping = true;
        begun = "";
      }
      done(null, readable === "" ? undefined : readable);
    },
  });
}

/** The text as it came, unless its `arguments` had to be changed. */
function toLine(text: string, message: unknown): string {
  const readable = toReadableMessage(message);
  return readable === message ? text : JSON.stringify(readable);
}

function refusalOf(message: unknown): LineRefusal | undefined {
  if (message === undefined) return rpcError(-32_700, "The line isn't valid JSON.");
  if (isJSONRPCRequest(message) || isJSONRPCNotification(message) || isJSONRPCResponse(message))
    return refuseMalformedInitialize(message);
  return rpcError(-32_600, explainMalformed(message) ?? "This is no JSON-RPC message.", idOf(message));
}

/** @returns undefined where the line isn't JSON: no JSON text has that value. */
function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

const tooLong = rpcError(-32_600, "The line is too long.");
