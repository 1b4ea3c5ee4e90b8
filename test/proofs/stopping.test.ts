import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import t from "tap";
import { runProgram, runScript } from "../support/command.ts";
import { answers, freePorts, ready, secrets } from "../support/started-services.ts";

/** How many of the services still answer after a moment in which they may stop. */
async function leftRunning(env: Record<string, string>): Promise<number> {
  const deadline = Date.now() + 5_000;
  for (;;) {
    const all = await Promise.all(Object.values(env).map(answers));
    const left = all.filter(Boolean).length;
    if (left === 0 || Date.now() > deadline) return left;
    await sleep(50);
  }
}

t.test("killed, it leaves no process behind", async (t) => {
  const env = await freePorts();
  const started = runScript(t, "scripts/start.ts", { cwd: t.testdir(), env });
  await started.printed(ready);
  await started.end("SIGKILL");
  t.equal(await leftRunning(env), 0);
});

t.test("SIGTERM to npm alone stops everything, and npm waits for a service", async (t) => {
  const link = (name: string) =>
    t.fixture("symlink", fileURLToPath(new URL(`../../${name}`, import.meta.url)));
  const names = ["package.json", "node_modules", "scripts", "packages", "apps"];
  const repository = () => Object.fromEntries(names.map((name) => [name, link(name)]));
  const root = t.testdir({ all: repository(), calendar: repository() });
  const start = async (folder: string, script: string, sign: string) => {
    const ports = await freePorts();
    const env = { ...ports, ...(script !== "start" && secrets) };
    const npm = runProgram(t, "npm", { cwd: join(root, folder), env, args: ["run", script] });
    await npm.printed(sign);
    return { ports, npm };
  };
  const [all, calendar] = await Promise.all([
    start("all", "start", ready),
    start("calendar", "start:mcp-calendar", "listening"),
  ]);
  t.equal(await calendar.npm.end("SIGTERM"), 0);
  t.notOk(await answers(calendar.ports.MCP_PORT), "npm waited until it had stopped");
  await all.npm.end("SIGTERM");
  t.equal(await leftRunning(all.ports), 0);
});
