import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { accountProviders, accountVariables } from "@cita/providers/accounts";
import { parseAllDocuments } from "yaml";
import { configSchema as adminSchema, variables as adminVariables } from "../../apps/admin-api/src/config.ts";
import {
  configSchema as integrationsSchema,
  variables as integrationsVariables,
} from "../../apps/integrations/src/config.ts";
import { configSchema as mcpSchema, variables as mcpVariables } from "../../apps/mcp-calendar/src/config.ts";

export const deployFolder = fileURLToPath(new URL("../../deploy", import.meta.url));

export function readDeployFile(name: string): string {
  return readFileSync(`${deployFolder}/${name}`, "utf8");
}

/** The documents of a YAML file, which has to be without an error or a warning. */
export function readYaml<T>(name: string): T[] {
  return parseAllDocuments(readDeployFile(name), { merge: true }).map((document) => {
    for (const problem of [...document.errors, ...document.warnings]) throw problem;
    return document.toJS();
  });
}

export type Environment = Readonly<Record<string, string>>;

const apps = {
  "admin-api": {
    variables: Object.keys(adminVariables.shape),
    ...{ schema: adminSchema, databaseUrl: "ADMIN_DATABASE_URL", port: "ADMIN_PORT" },
  },
  integrations: {
    variables: [...Object.keys(integrationsVariables.shape), ...accountProviders.flatMap(accountVariables)],
    ...{ schema: integrationsSchema, databaseUrl: "INTEGRATIONS_DATABASE_URL", port: "INTEGRATIONS_PORT" },
  },
  "mcp-calendar": {
    variables: Object.keys(mcpVariables.shape),
    ...{ schema: mcpSchema, databaseUrl: "DATABASE_URL", port: "MCP_PORT" },
  },
} as const;

export type AppName = keyof typeof apps;
export const appNames = Object.keys(apps) as AppName[];

/** @returns what the app would say of an environment, and the variables in it that the app doesn't read. */
export function findVariableProblems(app: AppName, environment: Environment): string[] {
  const { variables, schema, databaseUrl } = apps[app];
  const unknown = Object.keys(environment).filter((name) => !(variables as readonly string[]).includes(name));
  // Opening the database reads this one.
  const { [databaseUrl]: url, ...others } = environment;
  const { error } = schema.safeParse(others);
  return [
    ...unknown.map((name) => `${app} has no variable ${name}`),
    ...(url === undefined ? [`${databaseUrl} is missing`] : []),
    ...(error?.issues ?? []).map(({ path, message }) => `${path.join(".")} ${message}`),
  ];
}

/** What an image sets by itself. */
export function imageEnvironment(app: AppName): Environment {
  const [, stage = ""] = readDeployFile("docker/Dockerfile").split(`FROM runtime AS ${app}\n`);
  const [, settings = ""] = /^ENV (.+)$/m.exec(stage) ?? [];
  return Object.fromEntries(settings.split(" ").map((setting) => setting.split("=", 2) as [string, string]));
}

/** Where the service listens in its container. */
export function imagePort(app: AppName): string | undefined {
  return imageEnvironment(app)[apps[app].port];
}

/** The database's URL in an environment of the app. */
export function databaseUrlIn(app: AppName, environment: Environment): string {
  return environment[apps[app].databaseUrl] ?? "";
}
