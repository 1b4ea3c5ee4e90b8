import { setTimeout as sleep } from "node:timers/promises";
import {
  type CallToolResult,
  CLIENT_CAPABILITIES_META_KEY,
  type ClientCapabilities,
  type ContentBlock,
  type InputRequiredResult,
  MissingRequiredClientCapabilityError,
  type ServerContext,
  type Tool,
} from "@modelcontextprotocol/server";
import { png, wav } from "./fixture-media.ts";

/** A tool as the conformance suite wants it: it may show whatever the protocol knows. */
export type FixtureTool = {
  readonly description: string;
  readonly inputSchema?: Tool["inputSchema"];
  call(context: ServerContext): Promise<CallToolResult | InputRequiredResult>;
};

export const say = (text: string): CallToolResult => ({ content: [{ type: "text", text }] });

const showing = (description: string, ...content: ContentBlock[]): FixtureTool => ({
  description,
  call: async () => ({ content }),
});

const image: ContentBlock = { type: "image", data: png, mimeType: "image/png" };

/** What the client of a request of 2026-07-28 says it can do. */
export function declaredBy({ envelope }: ServerContext["mcpReq"]): ClientCapabilities {
  const { [CLIENT_CAPABILITIES_META_KEY]: declared = {} } = (envelope ?? {}) as Record<
    string,
    ClientCapabilities
  >;
  return declared;
}

/** Long enough for a client to see that messages come one by one. */
const pauseMs = 20;

/** By the names and with the answers that the suite's scenarios describe. */
export const fixtureTools: Readonly<Record<string, FixtureTool>> = {
  test_simple_text: showing("Text.", {
    type: "text",
    text: "This is a simple text response for testing.",
  }),
  test_image_content: showing("An image.", image),
  test_audio_content: showing("A sound.", { type: "audio", data: wav, mimeType: "audio/wav" }),
  test_embedded_resource: showing("A resource.", {
    type: "resource",
    resource: {
      uri: "test://embedded-resource",
      mimeType: "text/plain",
      text: "This is an embedded resource content.",
    },
  }),
  test_multiple_content_types: showing(
    "Text, an image and a resource.",
    { type: "text", text: "Multiple content types test:" },
    image,
    {
      type: "resource",
      resource: {
        uri: "test://mixed-content-resource",
        mimeType: "application/json",
        text: JSON.stringify({ test: "data", value: 123 }),
      },
    },
  ),
  test_error_handling: {
    description: "Fails.",
    call: async () => ({ ...say("This tool intentionally returns an error for testing"), isError: true }),
  },
  test_tool_with_logging: { description: "Logs while it works.", call: logThrice },
  test_logging_tool: { description: "Logs while it works.", call: logThrice },
  test_tool_with_progress: { description: "Tells its progress.", call: tellProgress },
  test_missing_capability: { description: "Needs a client that samples.", call: requireSampling },
  json_schema_2020_12_tool: {
    description: "Has an input schema of many keywords.",
    inputSchema: {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      type: "object",
      $defs: {
        address: {
          $anchor: "addressDef",
          type: "object",
          properties: { street: { type: "string" }, city: { type: "string" } },
        },
      },
      properties: {
        name: { type: "string" },
        address: { $ref: "#/$defs/address" },
        contactMethod: { type: "string", enum: ["phone", "email"] },
        phone: { type: "string" },
        email: { type: "string" },
      },
      allOf: [{ anyOf: [{ required: ["phone"] }, { required: ["email"] }] }],
      if: { properties: { contactMethod: { const: "phone" } }, required: ["contactMethod"] },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema.
      then: { required: ["phone"] },
      else: { required: ["email"] },
      additionalProperties: false,
    },
    call: async () => say("Understood."),
  },
};

async function logThrice({ mcpReq }: ServerContext): Promise<CallToolResult> {
  for (const line of ["Tool execution started", "Tool processing data", "Tool execution completed"]) {
    await mcpReq.log("info", line);
    await sleep(pauseMs);
  }
  return say("Logged.");
}

async function tellProgress({ mcpReq }: ServerContext): Promise<CallToolResult> {
  const progressToken = mcpReq._meta?.progressToken;
  for (const progress of [0, 50, 100]) {
    if (progressToken !== undefined) {
      await mcpReq.notify({
        method: "notifications/progress",
        params: { progressToken, progress, total: 100 },
      });
    }
    await sleep(pauseMs);
  }
  return say("Done.");
}

async function requireSampling({ mcpReq }: ServerContext): Promise<CallToolResult> {
  if (declaredBy(mcpReq).sampling === undefined) {
    throw new MissingRequiredClientCapabilityError({ requiredCapabilities: { sampling: {} } });
  }
  return say("The client samples.");
}
