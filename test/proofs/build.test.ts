import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import t, { type Test } from "tap";
import { runProgram } from "../support/command.ts";
import { freePort } from "../support/free-port.ts";
import { secrets } from "../support/started-services.ts";

/** A checkout of its own, so that what is built and changed here disturbs nobody. Libraries are found above it. */
function checkOut(t: Test): string {
  const repository = fileURLToPath(new URL("../..", import.meta.url));
  const folder = t.testdir();
  for (const name of ["package.json", "package-lock.json", "apps", "packages", "scripts"])
    cpSync(join(repository, name), join(folder, name), { recursive: true });
  const ours = join(folder, "node_modules/@cita");
  mkdirSync(ours, { recursive: true });
  for (const name of readdirSync(join(folder, "packages")))
    symlinkSync(`../../packages/${name}`, join(ours, name));
  return folder;
}

/** An app as production starts it, alone: admin-api finds no calendar service. */
async function startApp(t: Test, cwd: string, app: string) {
  const [port, calendarPort] = [await freePort(), await freePort()];
  const env = {
    ...secrets,
    MCP_PORT: `${port}`,
    ADMIN_PORT: `${port}`,
    ADMIN_API_KEY: "nWhorbAcTJVSjPZ19qRsLl40a-_-_b9u",
    CALENDAR_URL: `http://127.0.0.1:${calendarPort}`,
  };
  const service = runProgram(t, "npm", { cwd, env, args: ["run", `start:${app}`] });
  await service.printed("Server listening");
  return { ...service, get: (path: string) => fetch(`http://127.0.0.1:${port}${path}`) };
}

const builtMark = "this is the build";
const staleMark = "dist/admin-api was built from other sources";
const incompleteMark = "dist/admin-api isn't complete";

/** What a build, a removal or a copy that was interrupted leaves behind. */
const damages: readonly (readonly [what: string, damage: (build: string) => void])[] = [
  ["a file is cut short", (build) => truncateSync(join(build, "main.js"), 100_000)],
  ["a file is missing", (build) => rmSync(join(build, "main.js"))],
  ["a stylesheet is missing", (build) => rmSync(join(build, "assets/styles/tokens.css"))],
  ["the record says nothing", (build) => writeFileSync(join(build, "built-from.json"), "null")],
];

t.test("what is built runs, names its sources in stack traces, and gives way to newer sources", async (t) => {
  const checkout = checkOut(t);
  const sayWhetherBuilt = `if (import.meta.url.endsWith("/dist/admin-api/main.js")) console.error("${builtMark}");`;
  appendFileSync(join(checkout, "apps/admin-api/src/main.ts"), sayWhetherBuilt);
  const build = runProgram(t, "npm", { cwd: checkout, env: {}, args: ["run", "build"] });
  t.equal(await build.ended, 0, build.output());
  const buildFolder = join(checkout, "dist/admin-api");

  await t.test("the other app", async (t) => {
    const built = await startApp(t, checkout, "mcp-calendar");
    t.notMatch(built.output(), "runs from its sources");
    t.equal((await built.get("/ready")).status, 200);
    t.equal(await built.end(), 0);
  });

  await t.test("a stack trace in the log", async (t) => {
    const built = await startApp(t, checkout, "admin-api");
    await built.printed(builtMark);
    t.notMatch(built.output(), staleMark);
    t.equal((await built.get("/ready")).status, 503);
    await built.printed("not ready");
    const line =
      built
        .output()
        .split("\n")
        .find((line) => line.includes("not ready")) ?? "";
    const { stack } = JSON.parse(line).err;
    t.notMatch(stack, "dist/");
    const [, file = "", number] = /\((.+\.ts):(\d+):\d+\)/.exec(stack) ?? [];
    t.match(file, join(checkout, "packages/calendar-api/src"));
    t.match(readFileSync(file, "utf8").split("\n")[Number(number) - 1], "new CalendarApiError");
    t.equal(await built.end(), 0);
  });

  await t.test("the panel's assets are beside it", async (t) => {
    const built = await startApp(t, checkout, "admin-api");
    const page = await (await built.get("/login")).text();
    const paths = [...page.matchAll(/(?:href|src)="(\/panel\/assets\/[^"]+)"/g)].map(([, path = ""]) => path);
    t.ok(paths.length > 1, paths.join());
    for (const path of paths) t.equal((await built.get(path)).status, 200, path);
    t.equal(await built.end(), 0);
  });

  for (const [what, damage] of damages) {
    await t.test(`a build of which ${what}`, async (t) => {
      const whole = join(t.testdir(), "whole");
      cpSync(buildFolder, whole, { recursive: true });
      damage(buildFolder);
      const damaged = await startApp(t, checkout, "admin-api");
      t.match(damaged.output(), incompleteMark);
      t.notMatch(damaged.output(), builtMark);
      t.equal(await damaged.end(), 0);
      cpSync(whole, buildFolder, { recursive: true });
    });
  }

  await t.test("a source that was changed since", async (t) => {
    appendFileSync(join(checkout, "packages/calendar-api/src/client.ts"), "\n// A change.\n");
    const changed = await startApp(t, checkout, "admin-api");
    t.match(changed.output(), staleMark);
    t.notMatch(changed.output(), builtMark);
    t.equal(await changed.end(), 0);
  });

  await t.test("no build at all", async (t) => {
    rmSync(join(checkout, "dist"), { recursive: true });
    const unbuilt = await startApp(t, checkout, "admin-api");
    t.notMatch(unbuilt.output(), staleMark);
    t.notMatch(unbuilt.output(), builtMark);
    t.equal(await unbuilt.end(), 0);
  });
});
