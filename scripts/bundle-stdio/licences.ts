import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Metafile } from "esbuild";

/** Collects the licences of the libraries in a bundle, which must be distributed with it. */
export function readLicences({ inputs }: Metafile, root: string): string {
  const packages = new Set(Object.keys(inputs).flatMap((file) => packageOf(file) ?? []));
  return [...packages]
    .sort()
    .map((folder) => describe(join(root, folder)))
    .join(`\n${"-".repeat(80)}\n\n`);
}

/** `node_modules/@fastify/cookie/plugin.js` is of `node_modules/@fastify/cookie`. */
function packageOf(file: string): string | undefined {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0];
}

function describe(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)(\.(md|txt))?$/i.test(entry));
  const text = file === undefined ? "" : `\n${readFileSync(join(folder, file), "utf8").trim()}\n`;
  const notice = join(folder, "NOTICE");
  const more = existsSync(notice) ? `\n${readFileSync(notice, "utf8").trim()}\n` : "";
  return `${name} ${version} (${license})\n${text}${more}`;
}
