import type { Language } from "@cita/scheduling";
import {
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  Server,
  type ServerOptions,
  specTypeSchemas,
} from "@modelcontextprotocol/server";
import { z } from "zod";
import { type CallDeps, callTool, errorResult, type McpCaller, runForCaller } from "./call-tool.ts";
import { tooManyCalls } from "./caller-errors.ts";
import type { Prompt, Resource, ServerFeatures } from "./features.ts";
import type { Tool } from "./tool.ts";
import { ToolError } from "./tool-error.ts";
import { elicitUrl } from "./url-elicitation.ts";

/**
 * Makes an MCP server for one caller: for one request over HTTP, for one connection over stdio. Callers that share a
 * server could get each other's results (CVE-2026-25536).
 * @param instructions default: `ServerFeatures.instructions`.
 */
export type McpServerFactory = (caller: McpCaller, instructions?: string) => Server;

const hourMs = 3_600_000;

/**
 * How long clients of 2026-07-28 may cache results. Lists are the same for everybody and change with our version only. The
 * instructions of `server/discover` have today's date. Resources keep the SDK's default, which is not to cache.
 */
const cacheHints: NonNullable<ServerOptions["cacheHints"]> = {
  "tools/list": { ttlMs: hourMs, cacheScope: "public" },
  "resources/list": { ttlMs: hourMs, cacheScope: "public" },
  "resources/templates/list": { ttlMs: hourMs, cacheScope: "public" },
  "prompts/list": { ttlMs: hourMs, cacheScope: "public" },
  "server/discover": { ttlMs: 60_000, cacheScope: "private" },
};

// Given a schema, the SDK answers malformed parameters with -32602, otherwise with -32603.
const page = { params: specTypeSchemas.PaginatedRequestParams };
const oneResource = { params: specTypeSchemas.ReadResourceRequestParams };
const onePrompt = { params: specTypeSchemas.GetPromptRequestParams };

/** Registers features with the MCP SDK. Descriptions and schemas are made once, not for each request. */
export function createMcpServerFactory(features: ServerFeatures, deps: CallDeps): McpServerFactory {
  const handleTools = createToolHandlers(features.tools, deps);
  const handleResources = createResourceHandlers(features.resources, deps);
  const handlePrompts = createPromptHandlers(features.prompts);
  const capabilities = {
    tools: {},
    ...(features.resources.length > 0 && { resources: {} }),
    ...(features.prompts.length > 0 && { prompts: {} }),
  };

  return (caller, instructions = features.instructions) => {
    const server = new Server(features.serverInfo, { capabilities, instructions, cacheHints });
    handleTools(server, caller);
    if (features.resources.length > 0) handleResources(server, caller);
    if (features.prompts.length > 0) handlePrompts(server);
    return server;
  };
}

function createToolHandlers(tools: readonly Tool[], deps: CallDeps) {
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  const listed = { tools: tools.map(describeTool) };
  return (server: Server, caller: McpCaller) => {
    server.setRequestHandler("tools/list", page, () => listed);
    server.setRequestHandler("tools/call", async ({ params }, context) => {
      const tool = byName.get(params.name);
      if (tool !== undefined)
        return callTool(deps, tool, params.arguments, caller, (link) => elicitUrl(server, context, link));
      if (caller.waitSeconds === undefined) throw unknownName("tool", params.name);
      return errorResult(tooManyCalls(caller.waitSeconds), await deps.findLanguage(caller.customerId));
    });
  };
}

function createResourceHandlers(resources: readonly Resource[], deps: CallDeps) {
  const byUri = new Map(resources.map((resource) => [resource.uri, resource]));
  const listed = { resources: resources.map(({ read: _, ...described }) => described) };
  return (server: Server, caller: McpCaller) => {
    server.setRequestHandler("resources/list", page, () => listed);
    server.setRequestHandler("resources/templates/list", page, () => ({ resourceTemplates: [] }));
    server.setRequestHandler("resources/read", oneResource, async ({ uri }) => {
      const resource = byUri.get(uri);
      if (resource === undefined)
        throw new ResourceNotFoundError(uri.slice(0, maxQuoteLength).toWellFormed());
      const text = await runForCaller(deps, resource.name, caller, resource.read).catch(
        async (error: unknown) => asProtocolError(error, await deps.findLanguage(caller.customerId)),
      );
      return { contents: [{ uri, mimeType: resource.mimeType, text }] };
    });
  };
}

function createPromptHandlers(prompts: readonly Prompt[]) {
  const byName = new Map(prompts.map((prompt) => [prompt.name, prompt]));
  const listed = { prompts: prompts.map(({ write: _, ...described }) => describePrompt(described)) };
  return (server: Server) => {
    server.setRequestHandler("prompts/list", page, () => listed);
    server.setRequestHandler("prompts/get", onePrompt, (params) => {
      const prompt = byName.get(params.name);
      if (prompt === undefined) throw unknownName("prompt", params.name);
      const text = prompt.write(givenArguments(prompt, params.arguments ?? {}));
      return {
        description: prompt.description,
        messages: [{ role: "user", content: { type: "text", text } }],
      };
    });
  };
}

function describePrompt(prompt: Omit<Prompt, "write">) {
  return { ...prompt, arguments: prompt.arguments.map((argument) => ({ ...argument, required: false })) };
}

/** Hosts send an empty text for an argument that the person left empty. */
function givenArguments({ arguments: known }: Prompt, args: Record<string, string>): Record<string, string> {
  const given = Object.entries(args).filter(([, value]) => value.trim() !== "");
  for (const [name] of given) {
    if (!known.some((argument) => argument.name === name)) throw unknownName("argument", name);
  }
  return Object.fromEntries(given);
}

function describeTool({ name, title, description, input, output, annotations }: Tool) {
  return {
    name,
    title,
    description,
    inputSchema: jsonSchemaOf(input, "input"),
    outputSchema: jsonSchemaOf(output, "output"),
    annotations,
  };
}

type ObjectSchema = { type: "object"; [key: string]: z.core.JSONSchema.JSONSchema | unknown };

/**
 * A schema for tools/list. Output schemas have no `additionalProperties`, so that a client that has cached an older schema
 * accepts results with more members.
 */
function jsonSchemaOf(schema: z.ZodObject, io: "input" | "output"): ObjectSchema {
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    io,
    override: ({ jsonSchema }) => {
      if (io === "output") delete jsonSchema.additionalProperties;
    },
  });
  return { ...json, type: "object" };
}

/** Characters that are quoted of a caller's unknown name. */
const maxQuoteLength = 100;

function unknownName(kind: string, name: string): ProtocolError {
  return new ProtocolError(
    ProtocolErrorCode.InvalidParams,
    `There is no ${kind} ${JSON.stringify(name.slice(0, maxQuoteLength).toWellFormed())}.`,
  );
}

/** Resources have no error results, so the body of a tool error becomes the data of a protocol error. */
function asProtocolError(error: unknown, language: Language): never {
  if (!(error instanceof ToolError)) throw error;
  const body = error.toBody(language).error;
  throw new ProtocolError(ProtocolErrorCode.InternalError, body.message, body);
}
