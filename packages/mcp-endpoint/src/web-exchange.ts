import type { FastifyReply, FastifyRequest } from "fastify";
import { boundError } from "./bounded-error.ts";
import { sendEvents, toEvent } from "./event-stream.ts";
import { acceptsEvents, acceptsJson, headerOf } from "./headers.ts";

/** A request as the SDK's handler takes it; its body is handed over parsed. */
export function toWebRequest(request: FastifyRequest): Request {
  const headers = new Headers();
  for (const name of Object.keys(request.headers)) {
    const text = headerOf(request, name);
    if (text !== undefined) headers.set(name, text);
  }
  // The SDK requires both; `sendWebResponse` converts its answer to the form that the client accepts.
  if (acceptsJson(request) || acceptsEvents(request))
    headers.set("accept", "application/json, text/event-stream");
  return new Request("http://localhost/mcp", { method: "POST", headers });
}

export async function sendWebResponse(
  request: FastifyRequest,
  reply: FastifyReply,
  response: Response,
): Promise<FastifyReply> {
  reply.code(response.status);
  for (const [name, value] of response.headers) reply.header(name, value);
  if (response.headers.get("content-type")?.startsWith("text/event-stream")) return reply.send(response);
  const text = boundText(await response.text());
  const asEvent = response.status === 200 && acceptsEvents(request) && !acceptsJson(request);
  return asEvent
    ? sendEvents(reply.removeHeader("content-length"), toEvent(JSON.parse(text)))
    : reply.send(text);
}

/** Answers that are no errors may be long, and begin otherwise. */
function boundText(text: string): string {
  return text.length > longestError && /"error":\{"code":-/.test(text)
    ? JSON.stringify(boundError(JSON.parse(text)))
    : text;
}

const longestError = 1_000;
