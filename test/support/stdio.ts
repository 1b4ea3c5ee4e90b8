import { join } from "node:path";
import { PassThrough } from "node:stream";
import type { Test } from "tap";
import { stdioConfigSchema } from "../../apps/mcp-calendar/src/stdio/config.ts";
import { startStdio } from "../../apps/mcp-calendar/src/stdio/start-stdio.ts";
import { freePort } from "./free-port.ts";
import { createLineClient } from "./line-client.ts";
import { googleVariables } from "./local-google.ts";
import type { World } from "./world.ts";

/** `cita-calendar` for a customer's own client, over the database of the service over HTTP. */
export async function openStdio(t: Test, world: World, customerId: string, variables: object = {}) {
  const config = stdioConfigSchema.parse({
    ...googleVariables(world.google),
    DATABASE_URL: `file:${join(world.folder, "calendar.db")}`,
    TOKEN_ENCRYPTION_KEY: world.encryptionKey,
    CALENDAR_CACHE_SECONDS: 0,
    CUSTOMER_ID: customerId,
    MCP_PORT: await freePort(),
    ...variables,
  });
  const [input, output, notes] = [new PassThrough(), new PassThrough(), new PassThrough()];
  notes.setEncoding("utf8");
  const service = await startStdio(config, { input, output, notes, now: world.now });
  t.teardown(() => service.close());
  const client = createLineClient(input, output);
  return { ...client, input, service, notes: () => String(notes.read() ?? ""), port: config.MCP_PORT };
}

/** A request over HTTP. @returns the answer as it was sent. */
export async function overHttp(world: World, customerId: string, message: object): Promise<string> {
  const response = await fetch(`${world.mcpUrl}/mcp`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-customer-id": customerId },
    body: JSON.stringify({ jsonrpc: "2.0", ...message }),
  });
  return response.text();
}

/** The error of a tool call's answer. */
export function readError(answer: string) {
  const { result } = JSON.parse(answer);
  if (result.isError !== true || "structuredContent" in result) throw new Error(`it is no error: ${answer}`);
  return JSON.parse(result.content[0].text);
}
