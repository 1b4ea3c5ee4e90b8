import { existsSync } from "node:fs";
import { databasePath, openDatabase } from "@cita/database";
import { readConfig } from "@cita/process";
import {
  checkKeys,
  createKeyRing,
  forgetKey,
  generateFernetKey,
  openTokenStore,
  rotateKeys,
  type TokenStoreDeps,
} from "@cita/token-store";
import { variables } from "../apps/mcp-calendar/src/config.ts";
import { developmentEnvironment, readGivenEnvironment, readStoredSecret } from "./development-environment.ts";
import { forgottenText, newKeyText } from "./keys/key-texts.ts";
import { createProgressPrinter } from "./keys/progress.ts";
import { isRotationComplete, rotationText } from "./keys/rotation-text.ts";
import { statusText } from "./keys/status-text.ts";
import { runCommand, UsageError } from "./run-command.ts";

const usage = `npm run keys -- generate               prints a new key
npm run keys -- status                 says which keys are in use
npm run keys -- rotate                 seals everything with the first key
npm run keys -- forget <fingerprint>   gives up what a lost key has sealed`;

/** `npm run keys`: manages the keys that tokens and links are sealed with. Only a new key is ever printed. */
await runCommand(async (args) => {
  const [command, fingerprint, ...rest] = args;
  if (command === "generate" && args.length === 1) return generate();
  if (command === "status" && args.length === 1) return overStore(status);
  if (command === "rotate" && args.length === 1) return overStore(rotate);
  if (command === "forget" && fingerprint !== undefined && rest.length === 0) {
    return overStore((store) => forget(store, fingerprint));
  }
  throw new UsageError(usage);
});

function generate(): number {
  process.stdout.write(newKeyText(generateFernetKey()));
  return 0;
}

async function status(store: TokenStoreDeps): Promise<number> {
  const report = await checkKeys(store);
  process.stdout.write(statusText(report));
  return report.opens === "everything" ? 0 : 1;
}

async function rotate(store: TokenStoreDeps): Promise<number> {
  process.stdout.write(
    `Sealing with ${store.keys.primaryFingerprint}. Every mcp-calendar that runs must know this key: restart it first.\n`,
  );
  const onProgress = createProgressPrinter((line) => process.stdout.write(line));
  const rotation = await rotateKeys({ ...store, onProgress });
  process.stdout.write(rotationText(rotation));
  return isRotationComplete(rotation) ? 0 : 1;
}

async function forget(store: TokenStoreDeps, fingerprint: string): Promise<number> {
  const known = (await checkKeys(store)).keys.map((use) => use.fingerprint ?? "unrecorded");
  if (!known.includes(fingerprint)) throw new UsageError(`Nothing is sealed with a key ${fingerprint}.`);
  const forgotten = await forgetKey(store, fingerprint === "unrecorded" ? null : fingerprint);
  process.stdout.write(forgottenText(forgotten));
  return 0;
}

/** Opens the token store with the environment that mcp-calendar has, or would have under `npm start`. */
async function overStore(act: (store: TokenStoreDeps) => Promise<number>): Promise<number> {
  const { variables: environment } = await developmentEnvironment(
    await readGivenEnvironment(),
    readStoredSecret,
  );
  const config = readConfig(variables.pick({ TOKEN_ENCRYPTION_KEY: true, DATABASE_URL: true }), environment);
  const path = databasePath(config.DATABASE_URL);
  if (!existsSync(path)) throw new Error(`There is no database at ${path} yet, so nothing is sealed.`);
  const db = openDatabase(config.DATABASE_URL, { mustExist: true });
  try {
    const store = { db, keys: createKeyRing(config.TOKEN_ENCRYPTION_KEY) };
    await openTokenStore(store);
    return await act(store);
  } finally {
    await db.destroy();
  }
}
