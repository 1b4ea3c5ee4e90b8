import { z } from "zod";
import { buildSandbox } from "./app.ts";
import { SANDBOX_CLIENT } from "./clients.ts";

const HOST = "127.0.0.1";
const environment = z.object({ SANDBOX_PORT: z.coerce.number().int().min(1).max(65_535).default(60_001) });

async function main(): Promise<void> {
  const settings = environment.safeParse(process.env);
  if (!settings.success) return fail("SANDBOX_PORT must be a port number, 1 to 65535.");
  const port = settings.data.SANDBOX_PORT;
  const app = buildSandbox();
  try {
    await app.listen({ host: HOST, port });
  } catch (error) {
    return fail(whyNotListening(error, port));
  }
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void app.close());
  process.stdout.write(welcome(`http://${HOST}:${port}`));
}

function welcome(url: string): string {
  return `Google sandbox at ${url}
  client         ${SANDBOX_CLIENT.id} / ${SANDBOX_CLIENT.secret}, any loopback redirect URI
  authorization  ${url}/o/oauth2/v2/auth
  token          ${url}/token
  revocation     ${url}/revoke
  calendar       ${url}/calendar/v3/calendars/primary/events
  control        ${url}/_sandbox/{accounts,events,calls,faults,expire-access-tokens,revoke}
Everything is in memory and gone when it stops (Ctrl+C).
`;
}

function whyNotListening(error: unknown, port: number): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE")
    return `Port ${port} is in use: stop what holds it, or set SANDBOX_PORT to another.`;
  return `The sandbox could not listen on ${HOST}:${port}: ${error instanceof Error ? error.message : String(error)}`;
}

function fail(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
  process.exitCode = 1;
}

await main();
