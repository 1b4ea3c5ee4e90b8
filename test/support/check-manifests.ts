import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Test } from "tap";

export type Manifest = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
};

/** Where `kubernetes-types` has a group and version: `core/v1`, `policy/v1`. */
function moduleOf(apiVersion: string): string {
  const [group, version] = apiVersion.includes("/") ? apiVersion.split("/") : ["core", apiVersion];
  return `kubernetes-types/${group?.replace(".k8s.io", "")}/${version}`;
}

/**
 * Checks manifests by TypeScript against the types of Kubernetes' own API description: names, types and what is required.
 * A file of ours in a folder of its own, since the compiler is a program.
 * @returns what the compiler says; empty where it finds nothing.
 */
export async function checkManifests(t: Test, manifests: readonly Manifest[]): Promise<string> {
  const statements = manifests.map(
    (manifest, index) =>
      `const m${index}: import("${moduleOf(manifest.apiVersion)}").${manifest.kind} = ${JSON.stringify(manifest)};\nvoid m${index};`,
  );
  const file = join(t.testdir(), "manifests.ts");
  writeFileSync(file, statements.join("\n"));
  const compiler = fileURLToPath(new URL("../../node_modules/typescript/bin/tsc", import.meta.url));
  const options = [
    "--ignoreConfig",
    "--noEmit",
    "--strict",
    "--skipLibCheck",
    "--moduleResolution",
    "bundler",
    "--module",
    "esnext",
    "--target",
    "esnext",
    "--types",
    "",
  ];
  return promisify(execFile)(process.execPath, [compiler, ...options, file]).then(
    ({ stdout }) => stdout,
    (error: { stdout?: string; message: string }) => error.stdout || error.message,
  );
}
