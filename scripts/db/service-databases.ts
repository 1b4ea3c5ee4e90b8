import type { OwnedTables } from "@cita/database";
import { readConfig } from "@cita/process";
import { serviceName as adminName, variables as adminVariables } from "../../apps/admin-api/src/config.ts";
import { migrationSets as adminTables } from "../../apps/admin-api/src/migrations.ts";
import { serviceName as mcpName, variables as mcpVariables } from "../../apps/mcp-calendar/src/config.ts";
import { migrationSets as mcpTables } from "../../apps/mcp-calendar/src/storage/migrations.ts";
import type { Variables } from "../development-environment.ts";

/** A service, and whose tables are in its database. */
export type Service = { readonly name: string; readonly owners: readonly OwnedTables[] };

export type ServiceDatabase = Service & { readonly url: string };

type ConfiguredService = Service & { readonly readUrl: (variables: Variables) => string };

export const serviceDatabases: readonly ConfiguredService[] = [
  {
    name: mcpName,
    owners: mcpTables,
    readUrl: (variables) => readConfig(mcpVariables.pick({ DATABASE_URL: true }), variables).DATABASE_URL,
  },
  {
    name: adminName,
    owners: adminTables,
    readUrl: (variables) =>
      readConfig(adminVariables.pick({ ADMIN_DATABASE_URL: true }), variables).ADMIN_DATABASE_URL,
  },
];

export function findService(name: string): ConfiguredService | undefined {
  return serviceDatabases.find((service) => service.name === name);
}
