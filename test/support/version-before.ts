import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Test } from "tap";
import { makeTestFolder } from "./test-folder.ts";

const repository = fileURLToPath(new URL("../../", import.meta.url));

/** What a version must have to run on PostgreSQL. */
const postgresEngine = "packages/database/src/postgres/open.ts";

/**
 * The sources of the version that others have: the newest tag that runs on PostgreSQL, over the libraries that are
 * installed here. Where there is no such tag, or no history (a download of the sources), it is this tree.
 */
export function unpackVersionBefore(t: Test): { readonly name: string; readonly tree: string } {
  const tag = findNewestTag();
  if (tag === undefined) return { name: "this tree", tree: repository };
  const tree = join(makeTestFolder(t), "tree");
  mkdirSync(tree);
  const archive = git("archive", "--format=tar", tag, "apps", "packages", "package.json");
  execFileSync("tar", ["-x", "-C", tree], { input: archive, maxBuffer: maxBytes });
  linkLibraries(tree);
  return { name: tag, tree };
}

const maxBytes = 2 ** 28;

function git(...args: string[]): Buffer {
  return execFileSync("git", args, {
    cwd: repository,
    stdio: ["ignore", "pipe", "ignore"],
    maxBuffer: maxBytes,
  });
}

function findNewestTag(): string | undefined {
  try {
    const tags = git("tag", "--list", "v*", "--sort=-version:refname").toString().split("\n");
    return tags.find((tag) => tag !== "" && git("ls-tree", tag, "--", postgresEngine).length > 0);
  } catch {
    return undefined;
  }
}

/** Everybody's packages as they are installed here, and its own ones. */
function linkLibraries(tree: string): void {
  const installed = join(repository, "node_modules");
  const libraries = join(tree, "node_modules");
  mkdirSync(join(libraries, "@cita"), { recursive: true });
  for (const name of readdirSync(installed)) {
    if (name !== "@cita") symlinkSync(join(installed, name), join(libraries, name));
  }
  for (const workspace of ["packages", "apps"]) {
    for (const name of readdirSync(join(tree, workspace)))
      symlinkSync(join(tree, workspace, name), join(libraries, "@cita", name));
  }
}
