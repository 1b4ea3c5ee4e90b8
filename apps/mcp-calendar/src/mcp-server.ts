import { ProtocolError, ProtocolErrorCode, Server } from "@modelcontextprotocol/server";
import { z } from "zod";
import { type CallToolDeps, callTool } from "./mcp/call-tool.ts";
import type { McpCaller } from "./mcp/mcp-caller.ts";
import type { Tool } from "./tools/tool.ts";

const serverInfo = { name: "cita-calendar", title: "Cita", version: "0.1.0" };

const instructions =
  "Books appointments into one business's own calendar. Find free times with get_available_slots, repeat the " +
  "weekday, date and time to the person, wait for a yes, then call book. An appointment exists only when book " +
  "answers confirmed. Every answer carries the business's time zone and its present time (now): use them, never " +
  "your own idea of today's date. If a tool answers with an error, follow its next_step.";

/** Makes a protocol server for one exchange: sharing one between clients would mix up their answers. */
export type McpServerFactory = (caller: McpCaller) => Server;

/** The only place that knows both our tools and the MCP library. Schemas are made once, not per request. */
export function createMcpServerFactory(tools: readonly Tool[], deps: CallToolDeps): McpServerFactory {
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  const listed = { tools: tools.map(describeTool) };

  return (caller) => {
    const server = new Server(serverInfo, { capabilities: { tools: {} }, instructions });
    server.setRequestHandler("tools/list", () => listed);
    server.setRequestHandler("tools/call", async ({ params }) => {
      const tool = byName.get(params.name);
      if (tool === undefined) throw unknownTool(params.name);
      return callTool(deps, tool, params.arguments, caller);
    });
    return server;
  };
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

function unknownTool(name: string): ProtocolError {
  return new ProtocolError(
    ProtocolErrorCode.InvalidParams,
    `There is no tool ${JSON.stringify(name.slice(0, 100))}.`,
  );
}
