import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BuildOptions, Plugin } from "esbuild";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The oldest Node it is for, as `engines` says. */
const target = "node22.19";

/** Node's own SQLite instead of a native module, which doesn't fit into a file: docs/decisions/0022. */
const nodeSqlite: Plugin = {
  name: "node-sqlite",
  setup(build) {
    build.onResolve({ filter: /\/better-sqlite3\.ts$/ }, ({ resolveDir }) => ({
      path: join(resolveDir, "node-sqlite.ts"),
    }));
    // Only making backups needs it by name, which isn't part of this; if that changes, the build fails.
    build.onResolve({ filter: /^better-sqlite3$/ }, ({ importer }) =>
      importer.endsWith(join("sqlite", "backup.ts"))
        ? { path: "better-sqlite3", external: true, sideEffects: false }
        : { errors: [{ text: `${importer} needs better-sqlite3, which can't be in one file` }] },
    );
  },
};

/**
 * Node's HTTP modules are loaded when the code that imports them runs, not when the file is read: as an ES module
 * `node:http` brings all of `fetch` and WebSockets with it, a tenth of the time until the first answer.
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
  // Names stay, so that a stack in somebody's log can be read.
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: "none",
  // What was written for CommonJS asks for Node's own modules by `require`.
  banner: { js: 'import{createRequire}from"node:module";const require=createRequire(import.meta.url);' },
  plugins: [nodeSqlite, lateHttp],
  metafile: true,
  logLevel: "warning",
} satisfies BuildOptions;
