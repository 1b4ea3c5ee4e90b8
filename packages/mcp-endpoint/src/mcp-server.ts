import type { Language } from "@cita/scheduling";
import {
  type Implementation,
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
import type { Prompt } from "./prompt.ts";
import type { Resource } from "./resource.ts";
import type { Tool } from "./tool.ts";
import { ToolError } from "./tool-error.ts";
import { elicitUrl } from "./url-elicitation.ts";

/**
 * Makes a protocol server for one caller: over HTTP for one request, over stdio for one connection. Callers that shared
 * one could get each other's answers (CVE-2026-25536).
 * @param instructions for the host's model; left out: those that hold for every customer.
 */
export type McpServerFactory = (caller: McpCaller, instructions?: string) => Server;

/** What a server offers: tools that a model calls, resources that a host attaches, prompts that a person picks. */
export type ServerFeatures = {
  /** Who the server says it is. */
  readonly serverInfo: Implementation;
  readonly tools: readonly Tool[];
  readonly resources: readonly Resource[];
  readonly prompts: readonly Prompt[];
  /** What a host tells its model before anything is called, where nothing is known of the customer. */
  readonly instructions: string;
};

const hourMs = 3_600_000;

/**
 * How long clients of 2026-07-28 may keep an answer. The lists are the same for everybody and change with our version;
 * the instructions say today's date; a resource is read as it is now, for which the SDK's default is right.
 */
const cacheHints: NonNullable<ServerOptions["cacheHints"]> = {
  "tools/list": { ttlMs: hourMs, cacheScope: "public" },
  "resources/list": { ttlMs: hourMs, cacheScope: "public" },
  "resources/templates/list": { ttlMs: hourMs, cacheScope: "public" },
  "prompts/list": { ttlMs: hourMs, cacheScope: "public" },
  "server/discover": { ttlMs: 60_000, cacheScope: "private" },
};

// With its schema named, the SDK answers parameters of another shape with -32602, without with -32603.
const page = { params: specTypeSchemas.PaginatedRequestParams };
const oneResource = { params: specTypeSchemas.ReadResourceRequestParams };
const onePrompt = { params: specTypeSchemas.GetPromptRequestParams };

/** Describes features in the MCP library's terms. Descriptions and schemas are made once, not for each request. */
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

/** Hosts send an empty text for what a person left empty. */
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
 * A schema as tools/list shows it. Unknown arguments are refused; of an answer `additionalProperties` is left out, so
 * that a client with an older schema doesn't refuse an answer with more members.
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

/** Characters of a name that a caller made up. */
const maxQuoteLength = 100;

function unknownName(kind: string, name: string): ProtocolError {
  return new ProtocolError(
    ProtocolErrorCode.InvalidParams,
    `There is no ${kind} ${JSON.stringify(name.slice(0, maxQuoteLength).toWellFormed())}.`,
  );
}

/** A resource has no result that says "error", so what a tool would answer travels as the error's data. */
function asProtocolError(error: unknown, language: Language): never {
  if (!(error instanceof ToolError)) throw error;
  const body = error.toBody(language).error;
  throw new ProtocolError(ProtocolErrorCode.InternalError, body.message, body);
}
