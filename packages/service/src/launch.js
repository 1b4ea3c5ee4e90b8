// node --v8-pool-size=1 packages/service/src/launch.js apps/mcp-calendar/src/main.ts
//
// Runs a service small: bundled, and with Node's compile cache. Plain JavaScript, because the first
// TypeScript file that is loaded brings the type stripper into memory.
import { enableCompileCache } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { setFlagsFromString } from "node:v8";
import { bundleOf, cacheFolder } from "./bundle-cache.js";

// Memory matters more than the last bit of speed: docs/decisions/0008. The flags come before the
// cache, because V8 refuses what it has cached under others. Only the size of V8's thread pool has
// to be on the command line.
const flags = [
  "--max-semi-space-size=2",
  "--optimize-for-size",
  "--no-maglev",
  // What is really hot is still optimised, after it has proved itself.
  "--invocation-count-for-turbofan=3000",
];
for (const flag of flags) setFlagsFromString(flag);

enableCompileCache(cacheFolder);
await import(pathToFileURL(bundleOf(resolve(process.argv[2] ?? ""))).href);
