import { randomUUID } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { databasePath } from "@cita/database";
import { generateFernetKey } from "@cita/token-store";

/**
 * The key that belongs to a database, made at first and kept beside it for its owner alone. It gets its name
 * when it is whole and on the disk: of several processes that start at once all use the same, and one that is
 * killed leaves no half of a key.
 */
export function keptEncryptionKey(databaseUrl: string): string {
  const file = join(dirname(databasePath(databaseUrl)), "token-encryption-key");
  return read(file) ?? make(file);
}

function make(file: string): string {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${randomUUID()}`;
  try {
    writeFileSync(draft, `${generateFernetKey()}\n`, { flag: "wx", mode: 0o600, flush: true });
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return readFileSync(file, "utf8").trim();
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
