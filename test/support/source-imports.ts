import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";

const repository = fileURLToPath(new URL("../..", import.meta.url));

/** One import of one source file, or one file of a library that it resolves. Paths are relative to the repository. */
export type SourceImport = {
  readonly file: string;
  /** `packages/http`, `apps/admin-api`, or `.` for what belongs to no workspace. */
  readonly workspace: string;
  /** As it is written. */
  readonly specifier: string;
  /** The file that a relative import leads to. */
  readonly target: string | undefined;
};

const importPattern =
  /(?:^|\n)\s*(?:import|export)\s[^"';]*?from\s+"([^"]+)"|(?:^|\n)import\s+"([^"]+)"|\bimport\("([^"]+)"\)|\bimport\.meta\.resolve\("([^"]+)"\)/g;

/** Every import of TypeScript and JavaScript sources in the repository, of types and of resolved files too. */
export function listSourceImports(): SourceImport[] {
  const files = globSync("{apps,packages,test,bench,scripts,evals}/**/*.{ts,js}", { cwd: repository });
  return files.filter((file) => !file.includes("node_modules")).flatMap(importsOf);
}

function importsOf(file: string): SourceImport[] {
  const text = readFileSync(join(repository, file), "utf8");
  const specifiers = [...text.matchAll(importPattern)].flatMap(
    ([, from, bare, dynamic, resolved]) => from ?? bare ?? dynamic ?? resolved ?? [],
  );
  return specifiers.map((specifier) => ({
    file,
    workspace: workspaceOf(file),
    specifier,
    target: specifier.startsWith(".")
      ? relative(repository, join(repository, dirname(file), specifier))
      : undefined,
  }));
}

export function workspaceOf(file: string): string {
  const [kind, name] = file.split("/");
  return kind === "apps" || kind === "packages" ? `${kind}/${name}` : ".";
}

const manifest = z.object({
  name: z.string(),
  dependencies: z.record(z.string(), z.string()).default({}),
  devDependencies: z.record(z.string(), z.string()).default({}),
});

export type Manifest = z.output<typeof manifest> & { readonly workspace: string };

/** The root's package.json, as workspace `.`, and those of all workspaces. */
export function listManifests(): Manifest[] {
  const files = ["package.json", ...globSync("{apps,packages}/*/package.json", { cwd: repository })];
  return files
    .filter((file) => existsSync(join(repository, file)))
    .map((file) => ({
      ...manifest.parse(JSON.parse(readFileSync(join(repository, file), "utf8"))),
      workspace: dirname(file),
    }));
}

/** The package that a specifier names; undefined for a relative one and for Node's own modules. */
export function packageOf(specifier: string): string | undefined {
  if (/^(?:\.|node:)/.test(specifier)) return undefined;
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}
