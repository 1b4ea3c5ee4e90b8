import { resolve } from "node:path";
import { listenPort, readConfig, runService } from "@cita/process";
import { z } from "zod";
import { SANDBOX_CLIENT } from "./clients.ts";
import { buildSandbox } from "./google/app.ts";

const HOST = "127.0.0.1";
const environment = z.object({
  SANDBOX_PORT: listenPort.default(60_001),
  SANDBOX_STATE_FILE: z.string().optional(),
});

await runService("The sandbox", async () => {
  const { SANDBOX_PORT: port, SANDBOX_STATE_FILE: stateFile } = readConfig(environment, process.env);
  const app = buildSandbox({ stateFile });
  const url = await app.listen({ host: HOST, port });
  process.stdout.write(welcome(url, stateFile));
  return app;
});

function welcome(url: string, stateFile: string | undefined): string {
  return `Google sandbox at ${url}
  client         ${SANDBOX_CLIENT.id} / ${SANDBOX_CLIENT.secret}, any loopback redirect URI
  authorization  ${url}/o/oauth2/v2/auth
  token          ${url}/token
  revocation     ${url}/revoke
  calendar       ${url}/calendar/v3/calendars/primary/events
  others         ${url}/HOST/PATH of every other provider: PROVIDER_HOSTS_AT=${url}
  control        ${url}/_sandbox/{accounts,events,calls,faults,expire-access-tokens,revoke}, ${url}/_sandbox/providers/ID/…
${stateFile ? `Kept in ${resolve(stateFile)}: delete it to start afresh.` : "Everything is in memory and gone when it stops (Ctrl+C)."}
`;
}
