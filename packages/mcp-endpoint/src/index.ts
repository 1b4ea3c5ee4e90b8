/**
 * `POST /mcp`, the endpoint that agents call, as a Fastify plugin (`endpoint.ts`), and the contracts of what it serves:
 * tools (`tool.ts`) with their closed error vocabulary (`tool-error.ts`), resources and prompts (`features.ts`).
 * `authorize.ts` and `attendee-headers.ts` decide who may call, for which customer and attendee. `message.ts` reads a
 * message; `legacy.ts` or `modern.ts`, by the protocol version, has it answered by a server of the MCP SDK that is made
 * for this one request (`mcp-server.ts`); `call-tool.ts` calls the tool. Nothing is kept between two requests. The
 * tools themselves, agent keys, calendars and bookings are elsewhere and passed in.
 */

// The endpoint, and who may call it.

export { type BearerVerifier, createAuthorizer } from "./authorize.ts";
export { type McpRoutesOptions, mcpRoutes } from "./endpoint.ts";

// The protocol server, over whichever transport.

export type { FindLanguage, McpCaller, ObservedCall } from "./call-tool.ts";
export { createMcpServerFactory, type McpServerFactory } from "./mcp-server.ts";

// What an app offers through it.

export type { Prompt, Resource, ServerFeatures } from "./features.ts";
export { type BoundAttendee, reachOf, type Tool, type ToolDefinition } from "./tool.ts";
export { type LocalizedText, ToolError, type ToolErrorCode } from "./tool-error.ts";

// Reading messages and arguments as models and their hosts write them, over stdio as over HTTP.

export { explainMalformed, idOf, refuseMalformedInitialize, rpcError, toReadableMessage } from "./message.ts";
export {
  type HostArgument,
  hostArguments,
  isHostArgument,
  isUnfilledArgument,
  type JsonObject,
  readArguments,
  unreadableArguments,
} from "./tool-arguments.ts";

// Readers of headers, which tests feed with hostile text.

export { readAttendee } from "./attendee-headers.ts";
export { acceptsEvents, acceptsJson } from "./headers.ts";
