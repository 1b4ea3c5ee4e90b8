import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BuildOptions, Plugin } from "esbuild";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The oldest Node that `engines` allows. */
const target = "node22.19";

/** Replaces the native module better-sqlite3 by Node's own SQLite, so that the bundle is one file (docs/decisions/0022). */
const nodeSqlite: Plugin = {
  name: "node-sqlite",
  setup(build) {
    build.onResolve({ filter: /\/better-sqlite3\.ts$/ }, ({ resolveDir }) => ({
      path: join(resolveDir, "node-sqlite.ts"),
    }));
    // Only backups import it by name, and they aren't in the bundle. If that changes, the build fails.
    build.onResolve({ filter: /^better-sqlite3$/ }, ({ importer }) =>
      importer.endsWith(join("sqlite", "backup.ts"))
        ? { path: "better-sqlite3", external: true, sideEffects: false }
        : { errors: [{ text: `${importer} needs better-sqlite3, which can't be in one file` }] },
    );
  },
};

/**
 * Loads Node's HTTP modules by `require` when the importing code runs. Importing `node:http` as an ES module also loads
 * `fetch` and WebSockets, which is a tenth of the time until the first response.
 */
const lateHttp: Plugin = {
  name: "late-http",
  setup(build) {
    build.onResolve({ filter: /^(node:)?https?$/ }, ({ path, kind }) =>
      kind === "require-call" ? undefined : { path, namespace: "late" },
    );
    build.onLoad({ filter: /./, namespace: "late" }, ({ path }) => ({
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
  // Names stay, for stack traces.
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: "none",
  // Bundled CommonJS modules use `require` for Node's own modules.
  banner: { js: 'import{createRequire}from"node:module";const require=createRequire(import.meta.url);' },
  plugins: [nodeSqlite, lateHttp],
  metafile: true,
  logLevel: "warning",
} satisfies BuildOptions;
