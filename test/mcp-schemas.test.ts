import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import t from "tap";
import { findVendorProblems } from "./support/model-vendors.ts";
import { createWorld, type World } from "./support/world.ts";

const run = promisify(execFile);
const inspector = fileURLToPath(new URL("../node_modules/.bin/mcp-inspector", import.meta.url));

type ListedTool = {
  name: string;
  title: string;
  description: string;
  inputSchema: Record<string, unknown>;
  annotations: Record<string, boolean>;
};

async function listTools(world: World): Promise<ListedTool[]> {
  const { body } = await world.rpc({ jsonrpc: "2.0", id: 1, method: "tools/list" });
  return body.result.tools;
}

t.test("the whole tool list stays under 8 kB, whichever customer asks", async (t) => {
  const world = await createWorld(t);
  const request = { jsonrpc: "2.0", id: 1, method: "tools/list" };
  const { body } = await world.rpc(request);
  const size = Buffer.byteLength(JSON.stringify(body.result));
  t.ok(size < 8_000, `${size} bytes`);
  t.strictSame((await world.rpc(request, { "x-customer-id": "luna" })).body, body);
});

t.test("each of the large model vendors accepts every tool", async (t) => {
  const world = await createWorld(t);
  const tools = await listTools(world);
  t.strictSame(tools.flatMap(findVendorProblems), []);
  for (const { name, title, description } of tools) {
    t.match(title, /^[A-Z]/, `${name} has a title`);
    t.match(description, /\.$/, `${name} is described in sentences`);
  }
});

t.test("the check of schemas finds what a vendor refuses", async (t) => {
  const schema = (property: object) => ({ type: "object", properties: { a: property } });
  const refused: [inputSchema: Record<string, unknown>, problem: RegExp][] = [
    [{ type: "object", anyOf: [{}] }, /has anyOf/],
    [{ type: "string" }, /the root isn't an object/],
    [schema({ $ref: "#/x" }), /has \$ref/],
    [schema({ type: ["string", "null"] }), /no single type/],
    [schema({ type: "array" }), /doesn't name its items/],
    [schema({ type: "integer", enum: [1] }), /isn't of strings/],
    [schema({ type: "string", format: "email" }), /has a format/],
    [schema({ type: "string", pattern: "^a" }), /has a pattern/],
    [{ type: "object", properties: { "a b": { type: "string" } } }, /has a property a b/],
    [{ type: "object", required: ["a"] }, /requires a/],
    [schema({ type: "string", enum: Array.from({ length: 501 }, String) }), /501 enum values/],
    [schema(nested(5)), /too deep/],
  ];
  for (const [inputSchema, problem] of refused) {
    t.match(findVendorProblems({ name: "a", description: "A.", inputSchema }).join(), problem);
  }
  const plain = { type: "object" };
  t.match(findVendorProblems({ name: "a.b", description: "A.", inputSchema: plain }), [/the name/]);
  t.match(findVendorProblems({ name: "a", description: "", inputSchema: plain }), [/the description/]);
});

function nested(levels: number): object {
  return levels === 0 ? { type: "string" } : { type: "array", items: nested(levels - 1) };
}

t.test("the inspector's strict lint finds nothing", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const args = ["--cli", `${world.mcpUrl}/mcp`, "--transport", "http", "--method", "tools/list", "--strict"];
  const { stdout, stderr } = await run(inspector, [...args, "--header", "X-Customer-Id: luna"], {
    env: { PATH: process.env.PATH, HOME: world.folder },
  });
  t.equal(JSON.parse(stdout).tools.length, (await listTools(world)).length);
  t.equal(stderr, "", "it says so on stderr where it finds something");
});

t.test("annotations are true: a tool that only reads leaves calendar and ledger as they were", async (t) => {
  const world = await createWorld(t);
  await world.connected("luna");
  const read = (await listTools(world)).filter(({ annotations }) => annotations.readOnlyHint);
  t.strictSame(
    read.map(({ name }) => name),
    ["get_business_info", "get_available_slots", "list_bookings"],
  );
  await world.sandbox("DELETE", "calls");
  await world.call("luna", "get_business_info", {});
  await world.call("luna", "get_available_slots", { date_iso: "2027-01-18" });
  await world.call("luna", "list_bookings", { attendee_phone: "+57 300 123 4567" });
  const { by } = await world.sandbox("GET", "calls");
  t.strictSame(
    Object.keys(by).filter((call) => !call.startsWith("GET ")),
    [],
    "only read at Google",
  );
});
