import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";

export type Revision = "2025-11-25" | "2026-07-28";

/** What a scenario found wrong, failures and warnings; nothing: it passed. */
export type Findings = ReadonlyMap<string, readonly string[]>;

type Check = { id: string; status: string; errorMessage?: string };

const packageFile = createRequire(import.meta.url).resolve("@modelcontextprotocol/conformance/package.json");
const suite = join(packageFile, "..", "dist", "index.js");

/** The scenarios a revision requires of every server. */
export function requiredScenarios(revision: Revision): string[] {
  const file = join(packageFile, "..", "requirements", `${revision}.yaml`);
  return (parse(readFileSync(file, "utf8")) as { server: string[] }).server;
}

/** Why not, by scenario. */
export function readExceptions(revision: Revision): Readonly<Record<string, string>> {
  const file = fileURLToPath(new URL("exceptions.yml", import.meta.url));
  return parse(readFileSync(file, "utf8"))[revision];
}

/**
 * Runs the official suite against a server, in one process.
 * @param folder where its records go; must be empty.
 */
export async function runSuite(url: string, revision: Revision, folder: string): Promise<Findings> {
  const args = [suite, "server", "--url", url, "--requirements", revision, "--output-dir", folder];
  const child = spawn(process.execPath, args, { stdio: "ignore", env: { PATH: process.env.PATH } });
  await once(child, "exit");
  const records = readdirSync(folder);
  return new Map(
    records.map((record) => {
      const checks: Check[] = JSON.parse(readFileSync(join(folder, record, "checks.json"), "utf8"));
      return [scenarioOf(record), checks.filter(isFinding).map(sayCheck)];
    }),
  );
}

/** `server-ping-2026-11-22T12-21-07-911Z` */
function scenarioOf(record: string): string {
  return record.replace(/^server-/, "").replace(/-\d{4}-\d\d-\d\dT[\d-]+Z$/, "");
}

function isFinding({ status }: Check): boolean {
  return status === "FAILURE" || status === "WARNING";
}

function sayCheck({ id, status, errorMessage }: Check): string {
  return `${id}: ${errorMessage ?? status}`;
}
