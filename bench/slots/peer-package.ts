import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../processes.ts";

/** cal.com's published code is large and under the AGPL, so it is installed for one run and never a dependency. */
const dependencies = { "@calcom/platform-libraries": "0.0.360", dayjs: "1.11.23" };

/**
 * Dependencies of cal.com's package that were never published. They are replaced by an empty package, because their
 * code is bundled. Conversely dayjs is imported and not among its dependencies.
 */
const unpublished = ["@calcom/features", "@calcom/lib"];

/** @returns the folder with `node_modules`, removed when this process exits. @throws with npm's own message */
export function installPeer(): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "unpublished"));
  writeFileSync(join(folder, "unpublished", "package.json"), JSON.stringify({ name: "unpublished" }));
  const overrides = Object.fromEntries(unpublished.map((name) => [name, "file:./unpublished"]));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, dependencies, overrides }));
  try {
    execFileSync("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund"], {
      cwd: folder,
      env: environmentWithoutNpm(),
      stdio: ["ignore", "ignore", "pipe"],
      timeout: 120_000,
    });
  } catch (error) {
    const message = error instanceof Error && "stderr" in error ? String(error.stderr) : "";
    throw new Error(`npm could not install the peer. ${message || error}`);
  }
  return folder;
}

/** Without the variables that `npm run` sets for this repository. */
function environmentWithoutNpm(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("npm_")));
}
