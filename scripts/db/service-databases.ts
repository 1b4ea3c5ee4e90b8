import { databaseExists, type OwnedTables } from "@cita/database";
import { readConfig } from "@cita/process";
import { serviceName as adminName, variables as adminVariables } from "../../apps/admin-api/src/config.ts";
import { migrationSets as adminTables } from "../../apps/admin-api/src/migrations.ts";
import {
  serviceName as integrationsName,
  variables as integrationsVariables,
} from "../../apps/integrations/src/config.ts";
import { migrationSets as integrationsTables } from "../../apps/integrations/src/migrations.ts";
import { serviceName as mcpName, variables as mcpVariables } from "../../apps/mcp-calendar/src/config.ts";
import { migrationSets as mcpTables } from "../../apps/mcp-calendar/src/storage/migrations.ts";
import type { Variables } from "../development-environment.ts";

/** A service, and whose tables are in its database. */
export type Service = { readonly name: string; readonly owners: readonly OwnedTables[] };

export type ServiceDatabase = Service & {
  readonly url: string;
  /** What the files of its backups begin with. */
  readonly backupName: string;
};

type ConfiguredService = Omit<ServiceDatabase, "url"> & {
  readonly readUrl: (variables: Variables) => string;
  /** Whether the service is one that this operator runs. Not given: every operator does. */
  readonly isConfigured?: (given: Variables) => boolean;
};

export const serviceDatabases: readonly ConfiguredService[] = [
  {
    ...{ name: mcpName, owners: mcpTables, backupName: "calendar" },
    readUrl: (variables) => readConfig(mcpVariables.pick({ DATABASE_URL: true }), variables).DATABASE_URL,
  },
  {
    ...{ name: adminName, owners: adminTables, backupName: "admin" },
    readUrl: (variables) =>
      readConfig(adminVariables.pick({ ADMIN_DATABASE_URL: true }), variables).ADMIN_DATABASE_URL,
  },
  {
    ...{ name: integrationsName, owners: integrationsTables, backupName: "integrations" },
    readUrl: (variables) =>
      readConfig(integrationsVariables.pick({ INTEGRATIONS_DATABASE_URL: true }), variables)
        .INTEGRATIONS_DATABASE_URL,
    isConfigured: isIntegrationsConfigured,
  },
];

/** Whether anything is set that only this service reads. Its other variables are the other services' too. */
export function isIntegrationsConfigured(given: Variables): boolean {
  return Object.entries(given).some(
    ([name, value]) =>
      value &&
      (name === "ALLOWED_REDIRECT_URIS" ||
        // By that admin-api finds it, wherever it runs.
        (name.startsWith("INTEGRATIONS_") && name !== "INTEGRATIONS_URL")),
  );
}

/**
 * The databases of the services that this operator runs: a service that may be left out is one of them where it is
 * configured or its database exists.
 * @param given what the operator has set, without the defaults of `npm start`
 * @throws ConfigError, DatabaseError
 */
export async function findDatabases(given: Variables, variables: Variables): Promise<ServiceDatabase[]> {
  const found: ServiceDatabase[] = [];
  for (const { readUrl, isConfigured, ...service } of serviceDatabases) {
    const url = readUrl(variables);
    const isRun =
      isConfigured === undefined ||
      isConfigured(given) ||
      (await databaseExists(url, { service: service.name }));
    if (isRun) found.push({ ...service, url });
  }
  return found;
}

/** @returns undefined where no service has the name. @throws ConfigError */
export function findDatabase(name: string, variables: Variables): ServiceDatabase | undefined {
  const found = serviceDatabases.find((service) => service.name === name);
  if (found === undefined) return undefined;
  const { readUrl, isConfigured: _, ...service } = found;
  return { ...service, url: readUrl(variables) };
}
