import { spawnSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("../../..", import.meta.url));
const maker = fileURLToPath(new URL("make-bundle.js", import.meta.url));

/**
 * What is made from the sources to start faster and smaller. Not under node_modules, which an installation
 * empties: a service that runs may yet load a part of its bundle. It may be deleted when none runs.
 */
export const cacheFolder = join(repository, ".cache", "cita");

/**
 * What a bundle was made of.
 * @typedef {{ main: string, inputs: Record<string, string> }} BundleRecord
 * `main` is the bundle's absolute path, `inputs` the version of each file that went into it.
 */

/**
 * The bundle of a program of this repository, made when there is none or when one of its files has
 * changed since: it is never older than the sources.
 * @param {string} entry absolute path of the program's first file
 * @returns {string} absolute path of what to run: the entry itself where no bundle can be made, as
 *   without development dependencies or on a read-only disk. It runs as well, only larger.
 */
export function bundleOf(entry) {
  const folder = join(cacheFolder, "bundles", relative(repository, entry).split(sep).join("-"));
  const record = readRecord(folder);
  if (record !== undefined && isFresh(record)) return record.main;
  const { status, stderr, error } = spawnSync(process.execPath, [maker, entry, folder, repository], {
    encoding: "utf8",
  });
  const made = status === 0 ? readRecord(folder) : undefined;
  if (made !== undefined) return made.main;
  const reason = error?.message ?? stderr.match(/^\w*Error: .+$/m)?.[0] ?? stderr.trim();
  process.stderr.write(`It runs from its sources, since no bundle could be made. ${reason}\n`);
  return entry;
}

/** @param {string} file @returns {string} changes when the file does; empty when there is none */
export function versionOf(file) {
  const found = statSync(file, { throwIfNoEntry: false });
  return found === undefined ? "" : `${found.mtimeMs} ${found.size}`;
}

/** @param {string} folder */
export function recordFile(folder) {
  return join(folder, "bundle.json");
}

/** @param {string} folder @returns {BundleRecord | undefined} */
function readRecord(folder) {
  try {
    return JSON.parse(readFileSync(recordFile(folder), "utf8"));
  } catch {
    // None yet, or one that was cut short: it is made anew.
    return undefined;
  }
}

/** @param {BundleRecord} record */
function isFresh({ main, inputs }) {
  return (
    versionOf(main) !== "" && Object.entries(inputs).every(([file, version]) => versionOf(file) === version)
  );
}
