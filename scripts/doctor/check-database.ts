import { existsSync } from "node:fs";
import { access, constants, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import {
  checkWritable,
  type Database,
  databaseExists,
  databasePath,
  findDamage,
  isPostgresUrl,
  type MigrationSet,
  migrationState,
  nameDatabase,
  openDatabase,
} from "@cita/database";
import { type Finding, note, ok, problem } from "./finding.ts";

export type ServiceDatabase = { service: string; url: string; migrationSets: readonly MigrationSet[] };

const minFreeBytes = 200_000_000;

/** Whether a service's database exists, is writable, undamaged and up to date, and has space left. Changes nothing. */
export async function checkDatabase(database: ServiceDatabase): Promise<Finding[]> {
  const findings = await checkContent(database).catch((error: unknown) => [problem(toMessage(error))]);
  return isPostgresUrl(database.url) ? findings : [...findings, ...(await checkSpace(database.url))];
}

async function checkContent(database: ServiceDatabase): Promise<Finding[]> {
  const { url, service } = database;
  const name = nameDatabase(url, { service });
  if (!(await databaseExists(url, { service }))) return [await checkMissing(database, name)];
  const db = openDatabase(url, { service, mustExist: true });
  try {
    const findings = [...(await checkDamage(db, name)), ...(await checkMigrations(db, database, name))];
    await checkWritable(db);
    return findings.length > 0 ? findings : [ok(`The ${name} is whole, writable and up to date.`)];
  } finally {
    await db.destroy();
  }
}

async function checkDamage(db: Database, name: string): Promise<Finding[]> {
  const damage = await findDamage(db);
  if (damage === undefined) return [];
  const todo = "Stop the services, keep a copy of it, and restore the last backup (docs/operations.md).";
  return [problem(`The ${name} is damaged: ${damage}.`, todo)];
}

async function checkMigrations(
  db: Database,
  { service, migrationSets }: ServiceDatabase,
  name: string,
): Promise<Finding[]> {
  const states = await Promise.all(migrationSets.map((set) => migrationState(db, set)));
  const pending = states.flatMap((state) => state.pending);
  const unknown = states.flatMap((state) => state.unknown);
  const findings: Finding[] = [];
  if (pending.length > 0) {
    const text = `The ${name} is older than this code: ${pending.join(", ")} is still to be done.`;
    findings.push(problem(text, `Restart ${service}: it brings its tables up to date when it starts.`));
  }
  if (unknown.length > 0) {
    const text = `The ${name} is newer than this code: ${unknown.join(", ")} is not known here.`;
    findings.push(problem(text, `Install the version that ${service} ran with before.`));
  }
  return findings;
}

async function checkMissing({ url, service }: ServiceDatabase, name: string): Promise<Finding> {
  const isMadeLater = note(`There is no ${name} yet: ${service} makes it when it starts.`);
  if (isPostgresUrl(url)) return isMadeLater;
  const folder = nearestFolder(databasePath(url));
  const isWritable = await access(folder, constants.W_OK).then(
    () => true,
    () => false,
  );
  if (isWritable) return isMadeLater;
  const todo = "Let the service's user write there, or choose another place for it.";
  return problem(`The ${name} isn't there, and can't be made: ${folder} can't be written.`, todo);
}

async function checkSpace(url: string): Promise<Finding[]> {
  const path = databasePath(url);
  const folder = nearestFolder(path);
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free >= minFreeBytes) return [];
  const text = `Only ${Math.round(free / 1e6)} MB are free on the disk of ${path}.`;
  return [problem(text, "Free some space: on a full disk nothing can be booked, and no access renewed.")];
}

function nearestFolder(path: string): string {
  const folder = dirname(path);
  return existsSync(folder) ? folder : nearestFolder(folder);
}

function toMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
