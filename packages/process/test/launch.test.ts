import { execFile } from "node:child_process";
import { readdir, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Test, test } from "tap";
import { cacheFolder } from "../src/bundle-cache.js";

const launcher = fileURLToPath(new URL("../src/launch.js", import.meta.url));
const maker = fileURLToPath(new URL("../src/make-bundle.js", import.meta.url));

test("a launched program is bundled once, and anew when one of its files has changed", async (t) => {
  const { launch, write } = await createProgram(t);
  await write("greeting.ts", 'export const greeting: string = "Hola";');
  const first = await launch();
  t.match(first.stdout, /^Hola from .*cita.bundles/, "it runs from the bundle");
  t.equal(first.stderr, "");
  t.equal((await launch()).stdout, first.stdout, "the same bundle runs again");

  await write("greeting.ts", 'export const greeting: string = "Buenos días";');
  const changed = await launch();
  t.match(changed.stdout, /^Buenos días from /, "no older one is run");
  t.not(changed.stdout.split(" from ")[1], first.stdout.split(" from ")[1]);
});

test("two that start at once without a bundle both run", async (t) => {
  const { launch, write } = await createProgram(t);
  await write("greeting.ts", 'export const greeting: string = "Hola";');
  for (const { stdout, stderr } of await Promise.all([launch(), launch(), launch()])) {
    t.match(stdout, /^Hola from .*cita.bundles/);
    t.equal(stderr, "");
  }
});

test("old bundles are removed, but none that somebody may be about to load", async (t) => {
  const old = Array.from({ length: 7 }, (_, i) => `${Date.now() - 3_600_000 + i}-1`);
  const folder = t.testdir({
    "main.ts": 'process.stdout.write("Hola");',
    bundles: Object.fromEntries(old.map((name) => [name, { "main.js": "" }])),
  });
  const bundles = join(folder, "bundles");
  const make = () => promisify(execFile)(process.execPath, [maker, join(folder, "main.ts"), bundles, folder]);
  await Promise.all(Array.from({ length: 7 }, make));
  const kept = (await readdir(bundles)).filter((name) => name !== "bundle.json");
  t.equal(kept.length, 7, "all that were just made");
  t.notOk(kept.some((name) => old.includes(name)));
});

test("where no bundle can be made the sources run, and that is said", async (t) => {
  const { launch, write, entry } = await createProgram(t);
  await write("greeting.ts", 'export const greeting: string = "Hola";');
  const { stdout, stderr } = await launch({ ESBUILD_BINARY_PATH: process.execPath });
  t.equal(stdout, `Hola from ${entry}`);
  t.match(stderr, /^It runs from its sources, since no bundle could be made\. Error: .+\n$/);
});

test("a program that can't be loaded says why", async (t) => {
  const { launch, write } = await createProgram(t);
  await write(
    "greeting.ts",
    'import "../../service/test/nowhere.ts"; export const greeting: string = "Hola";',
  );
  await t.rejects(launch(), { code: 1, stderr: /nowhere\.ts/ });
});

/** A program of two files that prints where it runs from. */
async function createProgram(t: Test) {
  const folder = t.testdir({
    "main.ts":
      'import { fileURLToPath } from "node:url"; import { greeting } from "../../service/test/greeting.ts";' +
      ' process.stdout.write(greeting + " from " + fileURLToPath(import.meta.url));',
  });
  const entry = join(folder, "main.ts");
  t.teardown(() => removeBundles(entry));
  return {
    entry,
    write: (name: string, text: string) => writeFile(join(folder, name), text),
    launch: (env: Record<string, string> = {}) =>
      promisify(execFile)(process.execPath, [launcher, entry], { env: { PATH: process.env.PATH, ...env } }),
  };
}

async function removeBundles(entry: string): Promise<void> {
  const ending = `${basename(dirname(entry))}-${basename(entry)}`;
  const all = join(cacheFolder, "bundles");
  const own = (await readdir(all)).filter((name) => name.endsWith(ending));
  await Promise.all(own.map((name) => rm(join(all, name), { recursive: true })));
}
