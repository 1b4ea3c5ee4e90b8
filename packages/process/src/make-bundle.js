// node packages/process/src/make-bundle.js ENTRY FOLDER REPOSITORY
//
// Makes the bundle of a program, in a process of its own: what it takes must not stay in the service.
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { recordFile, versionOf } from "./bundle-cache.js";

/** Fastify asks for them only where an app brings no compilers of its own: the text alone is half a MiB. */
const seldomNeeded = ["@fastify/ajv-compiler", "@fastify/fast-json-stringify-compiler"];

/** Older ones stay a while: a service that runs may yet load a part of its own. */
const keptBundles = 5;
/** One this young may be another's who started at the same moment, and is only about to load it. */
const youngestRemovedMs = 60_000;

const [, , entry = "", folder = "", repository = ""] = process.argv;

/** A folder of its own each time: two that start at once don't disturb each other. */
const output = join(folder, `${Date.now()}-${process.pid}`);
const { metafile } = await build({
  entryPoints: { main: entry },
  outdir: output,
  absWorkingDir: repository,
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node22",
  // Names stay, because people read stack traces and logs; where two modules
  // have the same, one gets a number, and a class that names itself an underscore.
  // To keep even those (keepNames), every closure would be given its name anew, at each call that makes one.
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: "none",
  // They look for files beside themselves.
  external: ["better-sqlite3", "@fastify/swagger-ui", ...seldomNeeded],
  // What the libraries that are CommonJS expect to find.
  banner: {
    js: 'import{createRequire as citaCreateRequire}from"node:module";const require=citaCreateRequire(import.meta.url);',
  },
  metafile: true,
  logLevel: "silent",
});

const sources = Object.keys(metafile.inputs)
  .map((file) => resolve(repository, file))
  .filter((file) => !file.includes("node_modules"));
// Of the libraries the list of what is installed changes whenever one of them does.
const installed = join(repository, "node_modules", ".package-lock.json");
const inputs = Object.fromEntries(
  [...sources, installed, fileURLToPath(import.meta.url)].map((file) => [file, versionOf(file)]),
);
mkdirSync(folder, { recursive: true });
const record = `${output}.json`;
writeFileSync(record, JSON.stringify({ main: join(output, "main.js"), inputs }));
renameSync(record, recordFile(folder));

const removable = Date.now() - youngestRemovedMs;
const bundles = readdirSync(folder, { withFileTypes: true })
  .filter((one) => one.isDirectory())
  .map(({ name }) => name)
  .sort();
for (const old of bundles.slice(0, -keptBundles)) {
  // Another that starts now may remove it too.
  if (Number.parseInt(old, 10) < removable) rmSync(join(folder, old), { recursive: true, force: true });
}
