import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BuildOptions, Plugin } from "esbuild";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The oldest supported Node, as in `engines` of package.json. */
const target = "node22.19";

/** Replaces better-sqlite3, a native module that can't be bundled, by Node's own SQLite: docs/decisions/0022. */
const nodeSqlite: Plugin = {
  name: "node-sqlite",
  setup(build) {
    build.onResolve({ filter: /\/better-sqlite3\.ts$/ }, ({ resolveDir }) => ({
      path: join(resolveDir, "node-sqlite.ts"),
    }));
    // Only the backup imports it by name, and isn't part of the bundle. Any other import fails the build.
    build.onResolve({ filter: /^better-sqlite3$/ }, ({ importer }) =>
      importer.endsWith(join("sqlite", "backup.ts"))
        ? { path: "better-sqlite3", external: true, sideEffects: false }
        : { errors: [{ text: `${importer} needs better-sqlite3, which can't be in one file` }] },
    );
  },
};

/**
 * Loads `node:http` and `node:https` when the code that imports them runs, not when the bundle is loaded: as an ES
 * module `node:http` also loads `fetch` and WebSocket, a tenth of the time until the first answer.
 */
const lazyHttp: Plugin = {
  name: "lazy-http",
  setup(build) {
    build.onResolve({ filter: /^(node:)?https?$/ }, ({ path, kind }) =>
      kind === "require-call" ? undefined : { path, namespace: "lazy" },
    );
    build.onLoad({ filter: /./, namespace: "lazy" }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)})`,
    }));
  },
};

/** `cita-calendar` as one file for plain Node. */
export const stdioBuildOptions = {
  absWorkingDir: root,
  entryPoints: ["apps/mcp-calendar/src/stdio.ts"],
  bundle: true,
  platform: "node",
  format: "esm",
  target,
  // Identifiers aren't minified, so that stack traces can be read.
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: "none",
  // Bundled CommonJS modules load Node's own modules by `require`.
  banner: { js: 'import{createRequire}from"node:module";const require=createRequire(import.meta.url);' },
  plugins: [nodeSqlite, lazyHttp],
  metafile: true,
  logLevel: "warning",
} satisfies BuildOptions;
