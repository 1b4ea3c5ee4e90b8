import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import t, { type Test } from "tap";
import { type Command, runScript } from "../support/command.ts";
import { freePorts, ready } from "../support/started-services.ts";

async function start(t: Test, cwd: string, env: Record<string, string>) {
  const started = runScript(t, "scripts/start.ts", { cwd, env });
  await started.printed(ready);
  const link = linkOf(started);
  for (let waited = 0; !existsSync(join(cwd, "data/sandbox/demo-is-made")) && waited < 30_000; waited += 50)
    await sleep(50);
  return { started, link };
}

function linkOf(started: Command): string {
  return /http\S+\/entrar\/[\w-]+/.exec(started.output())?.[0] ?? "";
}

type Listed = Readonly<Record<"customers" | "bookings" | "users", readonly { readonly status: string }[]>>;

/** Opens the page of a link, and presses its button as a browser does. */
async function enter(link: string): Promise<{ status: number; cookie: string }> {
  const page = await fetch(link, { headers: { accept: "text/html" } });
  const csrf = /name="csrf" value="([^"]*)"/.exec(await page.text())?.[1] ?? "";
  const visitor = page.headers.getSetCookie().map((one) => one.split(";", 1)[0]);
  const entered = await fetch(link, {
    method: "POST",
    redirect: "manual",
    headers: { accept: "text/html", cookie: visitor.join("; "), origin: new URL(link).origin },
    body: new URLSearchParams({ csrf }),
  });
  const cookie = entered.headers.getSetCookie().map((one) => one.split(";", 1)[0]);
  return { status: entered.status, cookie: cookie.join("; ") };
}

t.test("npm start ends on a link that signs the demo's admin in once, with three businesses", async (t) => {
  const cwd = t.testdir();
  const env = await freePorts();
  const { started, link } = await start(t, cwd, env);
  const origin = `http://localhost:${env.ADMIN_PORT}`;
  t.match(link, `${origin}/entrar/`);
  const entered = await enter(link);
  t.equal(entered.status, 303);
  t.equal((await fetch(link)).status, 410, "once");
  const overview = await (await fetch(`${origin}/clientes`, { headers: { cookie: entered.cookie } })).text();
  for (const name of ["Barbería El Faro", "Odontología Arrayán", "Fisioterapia Ribera"])
    t.match(overview, name);

  const key = (await readFile(join(cwd, "data/sandbox/admin-api-key"), "utf8")).trim();
  const read = async (path: string): Promise<Listed> => {
    const response = await fetch(`${origin}/v1/${path}`, { headers: { authorization: `Bearer ${key}` } });
    return (await response.json()) as Listed;
  };
  const readAll = async () => ({
    customers: (await read("customer-calendars")).customers,
    bookings: (await read("customer-calendars/barberia-el-faro/bookings?status=all")).bookings,
    users: (await read("users")).users,
  });
  const made = await readAll();
  t.strictSame(
    made.customers.map(({ status }) => status),
    ["connected", "reconnect_required", "connected"],
  );
  t.ok(made.bookings.length >= 8, `${made.bookings.length} bookings`);
  t.ok(made.bookings.some(({ status }) => status === "cancelled"));
  t.equal(made.users.length, 1);
  t.equal(await started.end("SIGINT"), 0);

  const again = await start(t, cwd, env);
  t.not(again.link, link);
  t.strictSame(await readAll(), made, "nothing is made twice");
  t.equal((await enter(again.link)).status, 303);
  await again.started.end();
});

t.test("the demo is for a system that nobody has used, and an interrupted one is finished", async (t) => {
  const cwd = t.testdir();
  const env = await freePorts();
  const first = runScript(t, "scripts/start.ts", { cwd, env });
  await first.printed(ready);
  t.equal(await first.end("SIGINT"), 0, "ended in the middle");
  t.notMatch(first.output(), "the demo wasn't made");
  const { started } = await start(t, cwd, env);
  t.notMatch(started.output(), "the demo wasn't made");
  await started.end();
});
