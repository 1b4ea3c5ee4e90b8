import type { Language } from "@cita/scheduling";
import {
  ProtocolError,
  ProtocolErrorCode,
  type RequestId,
  ResourceNotFoundError,
  Server,
  type ServerOptions,
  specTypeSchemas,
} from "@modelcontextprotocol/server";
import { z } from "zod";
import { askBusiness, tooManyCalls } from "./ask-business.ts";
import { type CallToolDeps, callTool, errorAnswer } from "./call-tool.ts";
import type { McpCaller } from "./mcp-caller.ts";
import type { Prompt } from "./prompt.ts";
import type { Resource } from "./resource.ts";
import { serverInfo } from "./server-info.ts";
import type { Tool } from "./tool.ts";
import { ToolError } from "./tool-error.ts";
import { elicitUrl } from "./url-elicitation.ts";

/**
 * Makes a protocol server, which never answers two requests at a time: sharing one would mix up their answers.
 * @param callerOf who sent a request, by its id as the server knows it; throws when that is answered.
 * @param instructions for the host's model; left out: those that hold for every customer.
 */
export type McpServerFactory = (callerOf: CallerOf, instructions?: string) => Server;

export type CallerOf = (id: RequestId) => McpCaller;

/** What the server offers: tools that a model calls, resources that a host attaches, prompts that a person picks. */
export type Offer = {
  readonly tools: readonly Tool[];
  readonly resources: readonly Resource[];
  readonly prompts: readonly Prompt[];
  /** What a host tells its model before anything is called, where nothing is known of the customer. */
  readonly instructions: string;
};

const hour = 3_600_000;

/**
 * How long clients of 2026-07-28 may keep an answer. The lists are the same for everybody and change with
 * our version; the instructions say today's date; what a resource says holds now, which is the default.
 */
const cacheHints: ServerOptions["cacheHints"] = {
  "tools/list": { ttlMs: hour, cacheScope: "public" },
  "resources/list": { ttlMs: hour, cacheScope: "public" },
  "resources/templates/list": { ttlMs: hour, cacheScope: "public" },
  "prompts/list": { ttlMs: hour, cacheScope: "public" },
  "server/discover": { ttlMs: 60_000, cacheScope: "private" },
};

// With its schema named, the SDK answers parameters of another shape with -32602, without with -32603.
const page = { params: specTypeSchemas.PaginatedRequestParams };
const oneResource = { params: specTypeSchemas.ReadResourceRequestParams };
const onePrompt = { params: specTypeSchemas.GetPromptRequestParams };

/** The only place that knows both what we offer and the MCP library. Schemas are made once, not per request. */
export function createMcpServerFactory(offer: Offer, deps: CallToolDeps): McpServerFactory {
  const offerTools = createToolOffer(offer.tools, deps);
  const offerResources = createResourceOffer(offer.resources, deps);
  const offerPrompts = createPromptOffer(offer.prompts);
  const capabilities = {
    tools: {},
    ...(offer.resources.length > 0 && { resources: {} }),
    ...(offer.prompts.length > 0 && { prompts: {} }),
  };

  return (callerOf, instructions = offer.instructions) => {
    const server = new Server(serverInfo, { capabilities, instructions, cacheHints });
    offerTools(server, callerOf);
    if (offer.resources.length > 0) offerResources(server, callerOf);
    if (offer.prompts.length > 0) offerPrompts(server);
    return server;
  };
}

function createToolOffer(tools: readonly Tool[], deps: CallToolDeps) {
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  const listed = { tools: tools.map(describeTool) };
  return (server: Server, callerOf: CallerOf) => {
    server.setRequestHandler("tools/list", page, () => listed);
    server.setRequestHandler("tools/call", async ({ params }, context) => {
      const caller = callerOf(context.mcpReq.id);
      const tool = byName.get(params.name);
      if (tool === undefined && caller.waitSeconds !== undefined)
        return errorAnswer(tooManyCalls(caller.waitSeconds), await deps.findLanguage(caller.customerId));
      if (tool === undefined) throw unknownName("tool", params.name);
      return callTool(deps, tool, params.arguments, caller, (link) => elicitUrl(server, context, link));
    });
  };
}

function createResourceOffer(resources: readonly Resource[], deps: CallToolDeps) {
  const byUri = new Map(resources.map((resource) => [resource.uri, resource]));
  const listed = { resources: resources.map(({ read: _, ...described }) => described) };
  return (server: Server, callerOf: CallerOf) => {
    server.setRequestHandler("resources/list", page, () => listed);
    server.setRequestHandler("resources/templates/list", page, () => ({ resourceTemplates: [] }));
    server.setRequestHandler("resources/read", oneResource, async ({ uri }, { mcpReq }) => {
      const resource = byUri.get(uri);
      if (resource === undefined)
        throw new ResourceNotFoundError(uri.slice(0, maxQuoteLength).toWellFormed());
      const caller = callerOf(mcpReq.id);
      const text = await askBusiness(deps, resource.name, caller, resource.read).catch(
        async (error: unknown) => asProtocolError(error, await deps.findLanguage(caller.customerId)),
      );
      return { contents: [{ uri, mimeType: resource.mimeType, text }] };
    });
  };
}

function createPromptOffer(prompts: readonly Prompt[]) {
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
 * Arguments we don't know are refused; an answer may grow members, and a client that knows an older
 * schema must not refuse it for that.
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

/** Of a name that a caller made up. */
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
