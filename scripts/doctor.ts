import { migrationSets as adminMigrations } from "../apps/admin-api/src/migrations.ts";
import { migrationSets as integrationsMigrations } from "../apps/integrations/src/migrations.ts";
import { migrationSets as mcpMigrations } from "../apps/mcp-calendar/src/storage/migrations.ts";
import { findDatabases } from "./db/service-databases.ts";
import { developmentEnvironment, readGivenEnvironment, readSecret } from "./development-environment.ts";
import { checkAgentKeys } from "./doctor/check-agent-keys.ts";
import { checkCalendars } from "./doctor/check-calendars.ts";
import { checkConfiguration } from "./doctor/check-configuration.ts";
import { checkDatabase } from "./doctor/check-database.ts";
import { checkGoogle } from "./doctor/check-google.ts";
import { checkManagement } from "./doctor/check-management.ts";
import { checkNode } from "./doctor/check-node.ts";
import { checkPanelIntegrations } from "./doctor/check-panel-integrations.ts";
import { checkIntegrationsUrl, checkPublicUrl } from "./doctor/check-public-url.ts";
import { checkRedirectUri } from "./doctor/check-redirect-uri.ts";
import { checkStoredKeys } from "./doctor/check-stored-keys.ts";
import { type Finding, findingText } from "./doctor/finding.ts";
import { runCommand } from "./run-command.ts";

/** `npm run doctor`: checks everything that Cita needs, and prints what to do about each problem. */
await runCommand(async () => {
  const given = await readGivenEnvironment();
  const environment = await developmentEnvironment(given, readSecret);
  const configuration = checkConfiguration(environment, given);
  const { mcp, admin, integrations } = configuration;
  const checks: (readonly Finding[] | Promise<readonly Finding[]>)[] = [checkNode(), configuration.findings];
  if (mcp !== undefined) {
    checks.push(
      checkDatabase({ service: "mcp-calendar", url: mcp.DATABASE_URL, migrationSets: mcpMigrations }),
      checkStoredKeys(mcp.TOKEN_ENCRYPTION_KEY, () => findDatabases(given, environment.variables)),
      checkAgentKeys(mcp),
      checkCalendars(mcp),
      checkRedirectUri(mcp.MCP_PUBLIC_URL),
      checkPublicUrl(mcp.MCP_PUBLIC_URL),
      checkGoogle(mcp, environment.sandbox),
    );
  }
  if (admin !== undefined) {
    const url = admin.ADMIN_DATABASE_URL;
    checks.push(checkManagement(admin));
    // The default of npm start says nothing of what is to run elsewhere.
    if (given.INTEGRATIONS_URL) checks.push(checkPanelIntegrations(admin, integrations ?? undefined));
    checks.push(checkDatabase({ service: "admin-api", url, migrationSets: adminMigrations }));
  }
  if (integrations) {
    const url = integrations.INTEGRATIONS_DATABASE_URL;
    checks.push(checkIntegrationsUrl(integrations.INTEGRATIONS_PUBLIC_URL));
    checks.push(checkDatabase({ service: "integrations", url, migrationSets: integrationsMigrations }));
  }
  const findings = (await Promise.all(checks)).flat();
  for (const finding of findings) process.stdout.write(findingText(finding));
  const problems = findings.filter(({ state }) => state === "problem").length;
  process.stdout.write(conclusion(problems, [mcp, admin, integrations].includes(undefined)));
  return problems === 0 ? 0 : 1;
});

function conclusion(problems: number, partial: boolean): string {
  if (problems === 0) return "\nNothing has to be done.\n";
  const rest = partial ? " What depends on the configuration was not checked: run this again." : "";
  return `\n${problems} ${problems === 1 ? "problem" : "problems"}.${rest}\n`;
}
