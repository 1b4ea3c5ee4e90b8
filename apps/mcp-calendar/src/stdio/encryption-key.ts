import { randomUUID } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { databasePath } from "@cita/database";
import { createKeyRing, generateFernetKey } from "@cita/token-store";

/** The key file beside the database can't be read or made, for a reason that the user can mend. */
export class KeptKeyError extends Error {
  override readonly name = "KeptKeyError";
  readonly code: "key_unusable" | "key_unreadable";
  constructor(code: KeptKeyError["code"], message: string, options: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * Reads the key of a database, or makes it at the first start, in a file beside the database that only its owner can
 * read. The file gets its name once it is complete and on the disk, so that concurrent first starts use one key and a
 * killed process leaves no partial key.
 * @throws KeptKeyError
 */
export function readOrMakeEncryptionKey(databaseUrl: string): string {
  const file = join(dirname(databasePath(databaseUrl)), "token-encryption-key");
  const key = readOrMake(file);
  try {
    createKeyRing(key);
  } catch (cause) {
    const message = `The file ${file} holds no encryption key any more. Put back what it held: without it nobody can open what is stored beside it.`;
    throw new KeptKeyError("key_unusable", message, { cause });
  }
  return key;
}

function readOrMake(file: string): string {
  try {
    return read(file) ?? make(file);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const message = `The encryption key ${file} can be neither read nor made (${code}). Its folder must be there for this user to write; DATABASE_URL=file:… names another.`;
    throw new KeptKeyError("key_unreadable", message, { cause });
  }
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
