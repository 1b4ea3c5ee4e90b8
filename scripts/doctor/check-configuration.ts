import { ConfigError, readConfig } from "@cita/process";
import { type Config as AdminConfig, configSchema as adminSchema } from "../../apps/admin-api/src/config.ts";
import {
  type Config as IntegrationsConfig,
  configSchema as integrationsSchema,
} from "../../apps/integrations/src/config.ts";
import { type Config as McpConfig, configSchema as mcpSchema } from "../../apps/mcp-calendar/src/config.ts";
import { isIntegrationsConfigured } from "../db/service-databases.ts";
import type { DevelopmentEnvironment, Variables } from "../development-environment.ts";
import { type Finding, note, ok, problem } from "./finding.ts";

export type Configuration = {
  readonly findings: readonly Finding[];
  /** Undefined where it has a problem. */
  readonly mcp: McpConfig | undefined;
  readonly admin: AdminConfig | undefined;
  /** Null: the service isn't configured, and needn't be. */
  readonly integrations: IntegrationsConfig | undefined | null;
};

/**
 * The configuration of the services, with every problem.
 * @param given what the operator has set, without the defaults of `npm start`
 */
export function checkConfiguration(
  { sandbox, variables }: DevelopmentEnvironment,
  given: Variables,
): Configuration {
  const todo = sandbox
    ? "Run npm start once: it makes what is missing. Otherwise set it in .env; .env.example explains it."
    : "Set it in .env or in the service's environment; .env.example explains it.";
  const mcp = read("mcp-calendar", () => readConfig(mcpSchema, variables), todo);
  const admin = read("admin-api", () => readConfig(adminSchema, variables), todo);
  const integrations = isIntegrationsConfigured(given)
    ? read("integrations", () => readConfig(integrationsSchema, variables), todo)
    : { findings: [], config: null };
  const findings = [...mcp.findings, ...admin.findings, ...integrations.findings];
  if (integrations.config && !given.ALLOWED_REDIRECT_URIS) findings.push(nowhereToEnd);
  if (sandbox) findings.unshift(judgeSandbox(given));
  return { findings, mcp: mcp.config, admin: admin.config, integrations: integrations.config };
}

const nowhereToEnd = note(
  "No account can be connected by integrations: browsers may end nowhere.",
  "Set ALLOWED_REDIRECT_URIS to the exact addresses where they may (docs/integrations.md).",
);

function judgeSandbox({ GOOGLE_CLIENT_ID, GOOGLE_CLIENT_SECRET }: Variables): Finding {
  if (GOOGLE_CLIENT_ID || GOOGLE_CLIENT_SECRET) {
    const missing = GOOGLE_CLIENT_ID ? "GOOGLE_CLIENT_SECRET" : "GOOGLE_CLIENT_ID";
    return problem(
      `Of the Google client only a half is set, so npm start uses the sandbox: ${missing} is missing.`,
      "Set it, or neither of the two.",
    );
  }
  return note(
    "This is sandbox mode, with a local stand-in for Google: no Google client is set.",
    "For real calendars set GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET (README, Using real Google).",
  );
}

function read<Config>(
  service: string,
  readServiceConfig: () => Config,
  todo: string,
): { findings: Finding[]; config: Config | undefined } {
  try {
    const config = readServiceConfig();
    return { findings: [ok(`The configuration of ${service} is complete.`)], config };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const findings = error.problems.map((text) => problem(`${service}: ${text}.`, todo));
    return { findings, config: undefined };
  }
}
