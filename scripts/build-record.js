// Plain JavaScript, because scripts/start-app.js imports it.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Files, relative to a folder, and the hash of them all.
 * @typedef {{ files: string[], sha256: string }} HashedFiles
 */

/**
 * What a build was made from and what was made: `built-from.json` in the build's folder.
 * @typedef {{ version: string, sources: HashedFiles, outputs: HashedFiles }} BuildRecord
 * `version` is the repository's, `sources` are its sources and the lock file, and `outputs` are the files beside
 * the record.
 */

/**
 * @param {string} folder
 * @param {string[]} files relative to it
 * @returns {HashedFiles} the hash changes with the name or content of any file
 * @throws where a file isn't there
 */
export function hashFiles(folder, files) {
  const hash = createHash("sha256");
  for (const file of files)
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(folder, file)))
      .update("\0");
  return { files, sha256: hash.digest("hex") };
}

/** @param {string} build the folder of an app's build */
export function recordFile(build) {
  return join(build, "built-from.json");
}

/**
 * @param {string} repository
 * @param {string} build the folder of an app's build
 * @returns {string | undefined} why the build can't be used, as what follows its name in a sentence
 */
export function findBuildProblem(repository, build) {
  const record = readBuildRecord(build);
  if (record === undefined || !areUnchanged(build, record.outputs)) return "isn't complete";
  if (areUnchanged(repository, record.sources)) return undefined;
  return `was built from other sources (version ${record.version}) than these`;
}

/**
 * @param {string} build the folder of an app's build
 * @returns {BuildRecord | undefined} undefined when it isn't there, was cut short or has another shape
 */
function readBuildRecord(build) {
  try {
    const record = JSON.parse(readFileSync(recordFile(build), "utf8"));
    return Array.isArray(record.sources.files) && Array.isArray(record.outputs.files) ? record : undefined;
  } catch {
    return undefined;
  }
}

/**
 * @param {string} folder
 * @param {HashedFiles} hashed
 */
function areUnchanged(folder, { files, sha256 }) {
  try {
    return hashFiles(folder, files).sha256 === sha256;
  } catch {
    return false;
  }
}
