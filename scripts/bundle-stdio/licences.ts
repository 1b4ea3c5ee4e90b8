import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Metafile } from "esbuild";

/** The licences of all packages in a bundle, which demand to be distributed with it. */
export function readLicences({ inputs }: Metafile, root: string): string {
  const packages = new Set(Object.keys(inputs).flatMap((file) => packageOf(file) ?? []));
  return [...packages]
    .sort()
    .map((folder) => readLicence(join(root, folder)))
    .join(`\n${"-".repeat(80)}\n\n`);
}

/** The package's folder: `node_modules/@fastify/cookie` of `node_modules/@fastify/cookie/plugin.js`. */
function packageOf(file: string): string | undefined {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0];
}

function readLicence(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)(\.(md|txt))?$/i.test(entry));
  const text = file === undefined ? "" : `\n${readFileSync(join(folder, file), "utf8").trim()}\n`;
  const notice = join(folder, "NOTICE");
  const more = existsSync(notice) ? `\n${readFileSync(notice, "utf8").trim()}\n` : "";
  return `${name} ${version} (${license})\n${text}${more}`;
}
