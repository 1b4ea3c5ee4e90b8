import { cpSync, globSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
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
    const sources = await bundle(app, unfinished);
    writeRecord(unfinished, [...sources, ...copyAssets(app, unfinished)]);
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

/**
 * What an app reads from a folder `assets` beside its source is beside its bundle, since `import.meta.url` is the
 * bundle's.
 * @returns the files that were copied, relative to the repository
 */
function copyAssets(app: string, folder: string): string[] {
  const files = globSync(`apps/${app}/src/**/assets/**/*.{css,js}`, { cwd: root });
  for (const file of files) cpSync(join(root, file), join(folder, file.slice(file.indexOf("/assets/"))));
  return files;
}

function writeRecord(folder: string, sources: string[]): void {
  // The lock file changes with every library. The scripts decide what the sources are built into.
  const buildInputs = ["package-lock.json", "scripts/build.ts", "scripts/build/build-options.ts"];
  const record: BuildRecord = {
    version,
    sources: hashFiles(root, [...sources, ...buildInputs].sort()),
    outputs: hashFiles(folder, listFiles(folder)),
  };
  writeFileSync(recordFile(folder), `${JSON.stringify(record, undefined, 2)}\n`);
}

function listFiles(folder: string): string[] {
  return globSync("**/*", { cwd: folder, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}
