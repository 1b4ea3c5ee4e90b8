import {
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  Server,
  type Tool,
} from "@modelcontextprotocol/server";
import { fixturePrompts } from "./fixture-prompts.ts";
import { fixtureResources, fixtureTemplates, readFixture } from "./fixture-resources.ts";
import { fixtureRounds, requestState } from "./fixture-rounds.ts";
import { type FixtureTool, fixtureTools } from "./fixture-tools.ts";

const tools: Readonly<Record<string, FixtureTool>> = { ...fixtureTools, ...fixtureRounds };

const noArguments: Tool["inputSchema"] = { type: "object" };

/** What the conformance suite asks for. */
export function createFixtureServer(): Server {
  const server = new Server(
    { name: "conformance-fixture", version: "1.0.0" },
    {
      capabilities: { tools: {}, resources: {}, prompts: {}, completions: {}, logging: {} },
      requestState: { verify: requestState.verify },
    },
  );
  offerTools(server);
  offerResources(server);
  offerPrompts(server);
  return server;
}

function offerTools(server: Server): void {
  server.setRequestHandler("tools/list", () => ({
    tools: Object.entries(tools).map(([name, { description, inputSchema = noArguments }]) => ({
      name,
      description,
      inputSchema,
    })),
  }));
  server.setRequestHandler("tools/call", async ({ params }, context) => {
    const tool = tools[params.name];
    if (tool === undefined) throw unknown("tool");
    return tool.call(context);
  });
}

function offerResources(server: Server): void {
  server.setRequestHandler("resources/list", () => ({ resources: fixtureResources }));
  server.setRequestHandler("resources/templates/list", () => ({ resourceTemplates: fixtureTemplates }));
  server.setRequestHandler("resources/read", ({ params: { uri } }) => {
    const result = readFixture(uri);
    if (result === undefined) throw new ResourceNotFoundError(uri);
    return result;
  });
}

function offerPrompts(server: Server): void {
  server.setRequestHandler("prompts/list", () => ({
    prompts: Object.entries(fixturePrompts).map(([name, { get: _, ...prompt }]) => ({ name, ...prompt })),
  }));
  server.setRequestHandler("prompts/get", ({ params }, context) => {
    const prompt = fixturePrompts[params.name];
    if (prompt === undefined) throw unknown("prompt");
    return prompt.get(params.arguments ?? {}, context);
  });
  server.setRequestHandler("completion/complete", () => ({ completion: { values: [] } }));
}

function unknown(kind: string): ProtocolError {
  return new ProtocolError(ProtocolErrorCode.InvalidParams, `There is no such ${kind}.`);
}
