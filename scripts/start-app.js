// node scripts/start-app.js mcp-calendar
//
// Starts an app as production does: from dist/ where `npm run build` made it from the sources as they are
// now, else from the sources. Plain JavaScript, because the first TypeScript file that is loaded brings the
// type stripper into memory.
import { existsSync } from "node:fs";
import { enableCompileCache, setSourceMapsSupport } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { findBuildProblem } from "./build-record.js";

const repository = fileURLToPath(new URL("..", import.meta.url));
const [, , app = ""] = process.argv;

/** @returns {string} the file to run */
function findMain() {
  const build = join(repository, "dist", app);
  if (existsSync(build)) {
    const problem = findBuildProblem(repository, build);
    if (problem === undefined) return join(build, "main.js");
    process.stderr.write(
      `dist/${app} ${problem}, so ${app} runs from its sources. \`npm run build\` builds it anew.\n`,
    );
  }
  return join(repository, "apps", app, "src", "main.ts");
}

enableCompileCache(join(repository, ".cache"));
// Stack traces name the file and line of the source.
setSourceMapsSupport(true, { nodeModules: false, generatedCode: false });
await import(pathToFileURL(findMain()).href);
