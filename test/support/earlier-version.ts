import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import type { Test } from "tap";

const fixtures = new URL("../fixtures/upgrade/", import.meta.url);

/**
 * What version 0.0 (2026-11-22) had stored after an hour's use, at the local Google that played with it: three
 * businesses connected, one of them lost since, one not yet connected; appointments of both kinds of schedule, one of
 * them moved and one cancelled; keys of agents. The keys open nothing else.
 */
export const earlier = {
  encryptionKey: "WZUjOEHYd8-cMLKYXv7hIHgG3_0odY3lzLIsBSyJV9I=",
  agentKey: "cita_e44cb9f10f7d223394f6eaa0cf644a4c120ac91b4c12ffb91dcd6afc9000b0b6",
  platformKey: "cita_16f272135d248946e0f59032f8b91554f48aa04cee79ea0c898a25e05700c032",
} as const;

/** The local Google's state, for it to change: not beside the databases, where no token may stand in the clear. */
export function copyGoogleState(t: Pick<Test, "teardown">): string {
  const folder = mkdtempSync(join(tmpdir(), "cita-upgrade-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const copy = join(folder, "google.json");
  copyFileSync(new URL("google.json", fixtures), copy);
  return copy;
}

/** Puts the databases where the services look for them. */
export function restoreDatabases(folder: string): void {
  for (const name of ["calendar", "admin"]) {
    const db = new Sqlite(join(folder, `${name}.db`));
    // Tables stand in the order of their names, so that some are filled before what they refer to.
    db.pragma("foreign_keys = off");
    db.exec(readFileSync(new URL(`${name}.sql`, fixtures), "utf8"));
    db.close();
  }
}
