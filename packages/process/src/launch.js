// node --v8-pool-size=1 packages/process/src/launch.js apps/mcp-calendar/src/main.ts
//
// Runs a service small: bundled, and with Node's compile cache. Plain JavaScript, because the first
// TypeScript file that is loaded brings the type stripper into memory.
import { enableCompileCache } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { setFlagsFromString } from "node:v8";
import { bundleOf, cacheFolder } from "./bundle-cache.js";

// A service is to be small, and as quick as it can be then: docs/decisions/0008. The flags come before
// the cache, because V8 refuses what it has cached under others. Only the size of V8's thread pool has to
// be on the command line.
const flags = [
  "--optimize-for-size",
  // One optimising compiler rather than two, and that one early: by default it waits until a function
  // that the other has compiled was called three thousand times.
  "--no-maglev",
  "--invocation-count-for-turbofan=150",
  // What it compiles at once stays small, and so does what it needs for that.
  "--max-inlined-bytecode-size-cumulative=300",
  // What a start calls a few times needs no notes on the types it saw.
  "--invocation-count-for-feedback-allocation=50",
];
for (const flag of flags) setFlagsFromString(flag);

enableCompileCache(cacheFolder);
await import(pathToFileURL(bundleOf(resolve(process.argv[2] ?? ""))).href);
