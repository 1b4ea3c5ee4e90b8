import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { parseEnv } from "node:util";
import type { Variables } from "./development-environment.ts";

/** What an operator has set: `.env` in this folder, and above it the environment. */
export async function givenEnvironment(): Promise<Variables> {
  const fromFile = existsSync(".env") ? parseEnv(await readFile(".env", "utf8")) : {};
  return { ...fromFile, ...process.env };
}
