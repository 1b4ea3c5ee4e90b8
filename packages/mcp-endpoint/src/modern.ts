import { type AuthInfo, createMcpHandler } from "@modelcontextprotocol/server";
import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from "fastify";
import type { McpCaller } from "./call-tool.ts";
import { acceptsEvents, acceptsJson, headerOf, sendEvents } from "./headers.ts";
import type { McpServerFactory } from "./mcp-server.ts";
import { boundError } from "./message.ts";

/** What the server for one request is made of. */
export type RequestContext = { readonly caller: McpCaller; readonly instructions: string | undefined };

/** Answers messages of protocol version 2026-07-28 or later with the SDK's own handler. */
export function createModernAnswers(createServer: McpServerFactory, log: FastifyBaseLogger) {
  const handler = createMcpHandler(
    ({ authInfo }) => {
      if (!carriesContext(authInfo)) throw new TypeError("The request came without its context.");
      const { caller, instructions } = authInfo.extra.context;
      return createServer(caller, instructions);
    },
    {
      legacy: "reject",
      onerror: (error) => log.debug({ err: error }, "a protocol request was refused"),
    },
  );
  return {
    async answer(
      request: FastifyRequest,
      reply: FastifyReply,
      message: unknown,
      context: RequestContext,
    ): Promise<FastifyReply> {
      const response = await handler.fetch(toWebRequest(request), {
        parsedBody: message,
        authInfo: toAuthInfo(context),
      });
      return sendWebResponse(request, reply, response);
    },
    close: () => handler.close(),
  };
}

type ContextAuthInfo = AuthInfo & { readonly extra: { readonly context: RequestContext } };

/** The SDK passes `AuthInfo` to the factory unchanged. The token is left out, since nothing needs it any more. */
function toAuthInfo(context: RequestContext): ContextAuthInfo {
  return { token: "", clientId: context.caller.customerId ?? "", scopes: [], extra: { context } };
}

function carriesContext(authInfo: AuthInfo | undefined): authInfo is ContextAuthInfo {
  return authInfo?.extra !== undefined && "context" in authInfo.extra;
}

/** The request for the SDK's handler, without its body, which is passed parsed. */
function toWebRequest(request: FastifyRequest): Request {
  const headers = new Headers();
  for (const name of Object.keys(request.headers)) {
    const text = headerOf(request, name);
    if (text !== undefined) headers.set(name, text);
  }
  // The SDK requires both. `sendWebResponse` converts the response to what the client accepts.
  if (acceptsJson(request) || acceptsEvents(request))
    headers.set("accept", "application/json, text/event-stream");
  return new Request("http://localhost/mcp", { method: "POST", headers });
}

async function sendWebResponse(
  request: FastifyRequest,
  reply: FastifyReply,
  response: Response,
): Promise<FastifyReply> {
  reply.code(response.status);
  for (const [name, value] of response.headers) reply.header(name, value);
  if (response.headers.get("content-type")?.startsWith("text/event-stream")) return reply.send(response);
  const text = boundText(await response.text());
  const isEvent = response.status === 200 && acceptsEvents(request) && !acceptsJson(request);
  return isEvent ? sendEvents(reply.removeHeader("content-length"), [JSON.parse(text)]) : reply.send(text);
}

const maxErrorLength = 1_000;

/** Bounds an error's message. Only long texts with an error are parsed, since other responses may be long. */
function boundText(text: string): string {
  return text.length > maxErrorLength && /"error":\{"code":-/.test(text)
    ? JSON.stringify(boundError(JSON.parse(text)))
    : text;
}
