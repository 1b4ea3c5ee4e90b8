import type { BuildOptions } from "esbuild";

/** Packages that read files in their own folders. */
const needOwnFolder = ["better-sqlite3", "@fastify/swagger-ui"];
/** Fastify loads them only for an app without compilers of its own. Each is 0.5 MiB of source. */
const seldomNeeded = ["@fastify/ajv-compiler", "@fastify/fast-json-stringify-compiler"];

/** An app and its libraries in as few files as possible: loading 1,300 modules takes 0.2 s more. */
export function appBuildOptions(root: string, app: string) {
  return {
    entryPoints: { main: `apps/${app}/src/main.ts` },
    absWorkingDir: root,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node26",
    external: [...needOwnFolder, ...seldomNeeded],
    // 30 MiB less of resident memory. Identifiers aren't minified, so that stack traces can be read.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: "none",
    sourcemap: true,
    sourcesContent: false,
    // Bundled CommonJS modules load Node's own modules by `require`.
    banner: { js: 'import{createRequire}from"node:module";const require=createRequire(import.meta.url);' },
    metafile: true,
    logLevel: "warning",
  } satisfies BuildOptions;
}
