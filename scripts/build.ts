import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { appBuildOptions } from "./build/build-options.ts";
import { withoutLibraries } from "./build/source-map.ts";
import { type BuildRecord, hashFiles, recordFile } from "./build-record.js";
import { runCommand } from "./run-command.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const { version }: { version: string } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/** npm run build: each app into `dist/`, where `npm run start:*` finds it. */
await runCommand(async () => {
  for (const app of readdirSync(join(root, "apps"))) {
    const folder = join(root, "dist", app);
    const unfinished = `${folder}.unfinished`;
    rmSync(unfinished, { recursive: true, force: true });
    writeRecord(unfinished, await bundle(app, unfinished));
    rmSync(folder, { recursive: true, force: true });
    renameSync(unfinished, folder);
    process.stdout.write(`dist/${app}\n`);
  }
  return 0;
});

/** @returns our sources in the bundle, relative to the repository */
async function bundle(app: string, folder: string): Promise<string[]> {
  const { metafile } = await build({ ...appBuildOptions(root, app), outdir: folder });
  for (const name of readdirSync(folder)) {
    if (!name.endsWith(".map")) continue;
    const file = join(folder, name);
    writeFileSync(file, withoutLibraries(readFileSync(file, "utf8")));
  }
  return Object.keys(metafile.inputs).filter((file) => !file.includes("node_modules/"));
}

function writeRecord(folder: string, sources: string[]): void {
  // The lock file changes with every library. The scripts decide what the sources are built into.
  const buildInputs = ["package-lock.json", "scripts/build.ts", "scripts/build/build-options.ts"];
  const record: BuildRecord = {
    version,
    sources: hashFiles(root, [...sources, ...buildInputs].sort()),
    outputs: hashFiles(folder, readdirSync(folder).sort()),
  };
  writeFileSync(recordFile(folder), `${JSON.stringify(record, undefined, 2)}\n`);
}
