import type { DevelopmentEnvironment } from "./development-environment.ts";

/**
 * Printed once all services are ready: their addresses, the first requests to try, and where to begin.
 * @param signInLink for the demo's admin, in sandbox mode.
 */
export function startText(
  { sandbox, urls, adminKeyFile }: DevelopmentEnvironment,
  signInLink?: string | undefined,
): string {
  const key = adminKeyFile === undefined ? "$ADMIN_API_KEY" : `$(cat ${adminKeyFile})`;
  const google = sandbox
    ? "against the sandbox, a local stand-in for Google: no account is needed"
    : "against Google, with the credentials of the environment";
  return `
Cita is running ${google}.

  Panel         ${urls.admin}
  Admin API     ${urls.admin}/docs
  MCP server    ${urls.mcp}/mcp
  Integrations  ${urls.integrations}/docs
${sandbox ? `  Sandbox       ${urls.sandbox}\n` : ""}
1. Add a customer and get its consent link (in another terminal, in this folder):

   curl -s ${urls.admin}/v1/customer-calendars/connect \\
     -H "Authorization: Bearer ${key}" -H "Content-Type: application/json" \\
     -d '{"customer_id":"luna","customer_email":"luna@example.com","customer_name":"Barbería Luna"}'

2. Open the shareable_link in a browser, continue, and allow it. (You'd paste it into WhatsApp.)

3. Ask for free times, as an agent does:

   curl -s ${urls.mcp}/mcp -H "Content-Type: application/json" -H "X-Customer-Id: luna" \\
     -d '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_available_slots","arguments":{"date_iso":"${nextMonday()}"}}}'

   An MCP client's configuration:

   {"mcpServers":{"cita":{"command":"npx","args":["-y","mcp-remote","${urls.mcp}/mcp","--header","X-Customer-Id:luna"]}}}

Open the panel:

   ${signInLink ?? `${urls.admin}/login`}

   ${signInLink === undefined ? addingSomebody : aboutTheLink}

Ctrl-C stops everything.
`;
}

const aboutTheLink =
  "It signs you in as the demo's admin, once and within 15 minutes; the next npm start makes another.";
const addingSomebody =
  "Somebody who may sign in is added by: npm run users -- add EMAIL --role admin --password-stdin";

function nextMonday(): string {
  const day = new Date();
  day.setUTCDate(day.getUTCDate() + ((8 - day.getUTCDay()) % 7 || 7));
  return day.toISOString().slice(0, 10);
}
