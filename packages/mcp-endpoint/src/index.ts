// The endpoint, and who may call it.

export { type BearerVerifier, createAuthorizer } from "./authorize.ts";
export { mcpRoutes } from "./endpoint.ts";

// The protocol server, over whichever transport.

export type { FindLanguage, McpCaller, ObservedCall } from "./call-tool.ts";
export { createMcpServerFactory, type McpServerFactory, type ServerFeatures } from "./mcp-server.ts";

// What an app offers through it.

export type { Prompt } from "./prompt.ts";
export type { Resource } from "./resource.ts";
export { type BoundAttendee, reachOf, type Tool, type ToolDefinition } from "./tool.ts";
export { type LocalizedText, ToolError, type ToolErrorCode } from "./tool-error.ts";

// Reading messages and arguments as models and their hosts write them, over stdio as over HTTP.

export { type HostArgument, hostArguments, isHostArgument } from "./host-arguments.ts";
export {
  explainMalformed,
  idOf,
  type JsonObject,
  readArguments,
  refuseMalformedInitialize,
  toReadableMessage,
  unreadableArguments,
} from "./message.ts";
export { rpcError } from "./rpc-error.ts";
export { isUnfilledArgument } from "./unfilled.ts";

// Readers of headers, which tests feed with hostile text.

export { readAttendee } from "./attendee-headers.ts";
export { acceptsEvents, acceptsJson } from "./headers.ts";
