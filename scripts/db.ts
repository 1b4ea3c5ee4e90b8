import { copy } from "./db/copy.ts";
import { migrateAll } from "./db/migrate-all.ts";
import { findDatabase, findDatabases, type ServiceDatabase } from "./db/service-databases.ts";
import { status } from "./db/status.ts";
import { developmentEnvironment, readGivenEnvironment, readSecret } from "./development-environment.ts";
import { runCommand, UsageError } from "./run-command.ts";

const usage = `npm run db -- migrate [service]   brings the services' databases up to date
npm run db -- status [service]    says what is in them; exits with 1 where a service and its database don't fit
npm run db -- copy --from file:./data/calendar.db --to postgres://…   copies a service's database to PostgreSQL`;

/** `npm run db`: the services' databases. Needs no encryption key, and prints nothing that is stored. */
await runCommand(async ([command, ...args]) => {
  if (command === "migrate") return migrateAll(await readDatabases(args));
  if (command === "status") return status(await readDatabases(args));
  if (command === "copy") return copy(readUrls(args));
  throw new UsageError(usage);
});

/** Of one service or, where none is named, of all that are run. */
async function readDatabases([name, ...rest]: readonly string[]): Promise<ServiceDatabase[]> {
  if (rest.length > 0) throw new UsageError(usage);
  const given = await readGivenEnvironment();
  const { variables } = await developmentEnvironment(given, readSecret);
  if (name === undefined) return findDatabases(given, variables);
  const found = findDatabase(name, variables);
  if (found === undefined) throw new UsageError(usage);
  return [found];
}

function readUrls(args: readonly string[]): { from: string; to: string } {
  const given = new Map<string, string>();
  for (let i = 0; i < args.length; i += 2) given.set(args[i] ?? "", args[i + 1] ?? "");
  const [from, to] = [given.get("--from"), given.get("--to")];
  if (!from || !to || args.length !== 4) throw new UsageError(usage);
  return { from, to };
}
