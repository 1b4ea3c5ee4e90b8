import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { createBrowser } from "../support/browser.ts";
import { runInShell, runScript } from "../support/command.ts";
import { answers, commandsOn, freePorts, ready } from "../support/started-services.ts";

t.test(
  "a copied .env.example without credentials runs against the sandbox, never against Google",
  async (t) => {
    const env = await freePorts();
    const example = readFileSync(new URL("../../.env.example", import.meta.url), "utf8");
    const real = "GOOGLE_AUTHORIZATION_URL=https://accounts.google.com/o/oauth2/v2/auth\n";
    const cwd = t.testdir({ ".env": example + real });
    const started = runScript(t, "scripts/start.ts", { cwd, env });
    await started.printed(ready);
    const [connect = ""] = commandsOn(started.output());
    const { authorization_url } = JSON.parse(await runInShell(connect, cwd));
    const page = await createBrowser().open(authorization_url);
    t.match(page.url, `http://localhost:${env.SANDBOX_PORT}/`);
    t.ok(existsSync(join(cwd, "data/sandbox/calendar.db")));
    t.notOk(existsSync(join(cwd, "data/calendar.db")));
    await started.end();
  },
);

t.test("with Google credentials no sandbox is started", async (t) => {
  const ports = await freePorts();
  const env = { ...ports, GOOGLE_CLIENT_ID: "id", GOOGLE_CLIENT_SECRET: "secret" };
  const cwd = t.testdir();
  const started = runScript(t, "scripts/start.ts", { cwd, env });
  await started.printed(ready);
  t.match(started.output(), "against Google");
  t.equal(await answers(ports.SANDBOX_PORT), false);
  t.ok(existsSync(join(cwd, "data/calendar.db")));
  t.equal(await started.end("SIGINT"), 0);
});
