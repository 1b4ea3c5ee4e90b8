import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "./processes.ts";

/** cal.com's own code as it publishes it: large and AGPL, so it is only ever here, for as long as this runs. */
const dependencies = { "@calcom/platform-libraries": "0.0.360", dayjs: "1.11.23" };

/**
 * It asks for two packages that were never published and doesn't name what its files import. The two are
 * left empty, for what is in them is bundled, and dayjs is all that its slots are computed with.
 */
const unpublished = ["@calcom/features", "@calcom/lib"];

/** @returns the folder it is installed in, which is gone when this process ends. @throws with npm's own words. */
export function installPeer(): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "unpublished"));
  writeFileSync(join(folder, "unpublished", "package.json"), JSON.stringify({ name: "unpublished" }));
  const overrides = Object.fromEntries(unpublished.map((name) => [name, "file:./unpublished"]));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, dependencies, overrides }));
  try {
    execFileSync("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund"], {
      cwd: folder,
      env: ownEnv(),
      stdio: ["ignore", "ignore", "pipe"],
      timeout: 120_000,
    });
  } catch (error) {
    const words = error instanceof Error && "stderr" in error ? String(error.stderr) : "";
    throw new Error(`npm could not install the peer. ${words || error}`);
  }
  return folder;
}

/** Without what `npm run` sets for this repository. */
function ownEnv(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("npm_")));
}
