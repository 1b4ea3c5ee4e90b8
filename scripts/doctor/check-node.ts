import { readFile } from "node:fs/promises";
import { type Finding, ok, problem } from "./finding.ts";

/** Whether Cita supports this version of Node. */
export async function checkNode(version = process.versions.node): Promise<Finding[]> {
  const text = await readFile(new URL("../../package.json", import.meta.url), "utf8");
  const least = /\d+\.\d+/.exec(JSON.parse(text).engines.node)?.[0] ?? "";
  if (isAtLeast(version, least)) return [ok(`Node ${version}.`)];
  const todo = "Run npm ci in this folder, which brings the right one, and start services with npm run.";
  return [problem(`Node ${version} is too old: Cita needs ${least} or newer.`, todo)];
}

function isAtLeast(version: string, least: string): boolean {
  return version.localeCompare(least, "en", { numeric: true }) >= 0;
}
