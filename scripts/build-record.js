// Plain JavaScript, because scripts/start-app.js imports it.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * What a build was made from: `built-from.json` in the build's folder.
 * @typedef {{ version: string, files: string[], sha256: string }} BuildRecord
 * `version` is the repository's, `files` are the sources and the lock file, relative to the repository,
 * and `sha256` is the hash of all of them.
 */

/**
 * @param {string} folder the repository's
 * @param {string[]} files relative to it
 * @returns {string | undefined} changes with the name or content of any file; undefined when one isn't there
 */
export function hashFiles(folder, files) {
  const hash = createHash("sha256");
  try {
    for (const file of files)
      hash
        .update(`${file}\0`)
        .update(readFileSync(join(folder, file)))
        .update("\0");
  } catch {
    return undefined;
  }
  return hash.digest("hex");
}

/** @param {string} build the folder of an app's build */
export function recordFile(build) {
  return join(build, "built-from.json");
}

/**
 * @param {string} build the folder of an app's build
 * @returns {BuildRecord | undefined} undefined when there is no build
 */
export function readBuildRecord(build) {
  try {
    return JSON.parse(readFileSync(recordFile(build), "utf8"));
  } catch {
    return undefined;
  }
}
