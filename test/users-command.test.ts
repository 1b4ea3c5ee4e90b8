import t, { type Test } from "tap";
import { runScript } from "./support/command.ts";
import { login, password } from "./support/people.ts";
import type { World } from "./support/world.ts";
import { forEachWorld } from "./support/world-engines.ts";

async function users(t: Test, world: World, args: string[], input = "") {
  const env = { ADMIN_DATABASE_URL: world.databases.admin };
  const command = runScript(t, "scripts/users.ts", { cwd: world.folder, env, args });
  command.child.stdin?.end(input);
  return { code: await command.ended, output: command.output() };
}

forEachWorld(t, "an operator adds people, lists them, and sets other passwords", {}, async (t, world) => {
  const run = (args: string[], input?: string) => users(t, world, args, input);
  const add = ["add", "Ana@example.com", "--role", "admin", "--password-stdin"];
  t.match(await run(add, "password\n"), { code: 1, output: /can be guessed/ });
  t.match(await run(add, `${password}\n`), { code: 0, output: "ana@example.com may sign in as admin." });
  t.match(await run(add, password), { code: 1, output: /already/ });
  t.equal((await login(world, { email: "ana@example.com", password })).status, 200);
  t.match(await run(["list"]), { code: 0, output: /^ana@example\.com +admin +active$/m });
  t.match(await run(["reset", "ana@example.com", "--password-stdin"], "cuatro gatos pardos"), { code: 0 });
  t.equal((await login(world, { email: "ana@example.com", password })).status, 401);
  t.equal((await login(world, { email: "ana@example.com", password: "cuatro gatos pardos" })).status, 200);
  t.match(await run(["reset", "nobody@example.com", "--password-stdin"], password), { code: 1 });
  for (const wrong of [
    [],
    ["add"],
    ["add", "ana"],
    ["add", "ana@example.com"],
    ["list", "x"],
    [...add, "--role"],
  ])
    t.match(await run(wrong), { code: 2, output: /npm run users/ });
});
