import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { demoDoneFile } from "./demo/fill-demo.ts";
import { runCommand } from "./run-command.ts";

const target = fileURLToPath(new URL("../docs/screenshots", import.meta.url));

/** `npm run screenshots`: the pictures in docs/screenshots, of a system that is started for them, with its demo. */
await runCommand(async () => {
  const folder = await mkdtemp(join(tmpdir(), "cita-screenshots-"));
  const ports = {
    ADMIN_PORT: await freePort(),
    MCP_PORT: await freePort(),
    SANDBOX_PORT: await freePort(),
  };
  const system = startSystem(folder, ports);
  const browser = await openBrowser();
  try {
    const signInLink = await system.signInLink;
    await whenDone(join(folder, demoDoneFile));
    await takeAll(browser, signInLink);
  } finally {
    await browser.close();
    await system.stop();
    await rm(folder, { recursive: true });
  }
  return 0;
});

async function takeAll(browser: Browser, signInLink: string): Promise<void> {
  await mkdir(target, { recursive: true });
  const desk = await browser.newPage({ viewport: { width: 1_280, height: 800 }, locale: "es-CO" });
  await desk.goto(signInLink);
  await desk.click("button[type=submit]");
  await desk.waitForURL((url) => url.pathname === "/");
  const business = "/clientes/barberia-el-faro";
  await take(desk, "overview", "/");
  await take(desk, "customers", "/clientes");
  await take(desk, "week", `${business}/semana?desde=${nextMonday()}`);
  await take(desk, "schedule", `${business}/horario`);
  const { origin } = new URL(desk.url());
  const link = await findConsentLink(desk);
  const phone = await browser.newPage({
    ...{ viewport: { width: 390, height: 844 }, deviceScaleFactor: 1.5, locale: "es-CO" },
  });
  await phone.goto(link);
  await phone.screenshot({ path: join(target, "consent.png") });
  await phone.context().addCookies(await desk.context().cookies(origin));
  await phone.goto(`${origin}/clientes`);
  await phone.screenshot({ path: join(target, "customers-phone.png") });
}

async function take(page: Page, name: string, path: string): Promise<void> {
  await page.goto(new URL(path, page.url()).href);
  // What is live and what scripts draw has settled.
  await sleep(700);
  await page.screenshot({ path: join(target, `${name}.png`) });
}

/** Of the demo's customer that has lost its consent: it has a live link. */
async function findConsentLink(page: Page): Promise<string> {
  await page.goto(new URL("/clientes/fisio-ribera/enlace", page.url()).href);
  const text = await page.content();
  const [link] = /http[^"<\s]+\/connect\/[\w-]{43}/.exec(text) ?? [];
  if (link === undefined) throw new Error("The demo has no consent link.");
  return link;
}

function nextMonday(): string {
  const day = new Date();
  day.setUTCDate(day.getUTCDate() + ((8 - day.getUTCDay()) % 7 || 7));
  return day.toISOString().slice(0, 10);
}

type Ports = Readonly<Record<string, string>>;

function startSystem(folder: string, ports: Ports) {
  const script = fileURLToPath(new URL("start.ts", import.meta.url));
  // Without variables of a real installation.
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, ...ports };
  const child = spawn(process.execPath, [script], { cwd: folder, env, stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const signInLink = new Promise<string>((resolve, reject) => {
    let printed = "";
    child.stdout.on("data", (data: Buffer) => {
      printed += data.toString();
      const [link] = /http\S+\/entrar\/\S+/.exec(printed) ?? [];
      if (link !== undefined) resolve(link);
    });
    child.once("exit", () => reject(new Error("The system has stopped.")));
  });
  return {
    signInLink,
    async stop() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

async function whenDone(file: string): Promise<void> {
  for (let waited = 0; !existsSync(file); waited += 100) {
    if (waited > 60_000) throw new Error("The demo wasn't made within a minute.");
    await sleep(100);
  }
}

/** The machine's Chrome at `CHROME_PATH`, or else the one that npm brings. */
async function openBrowser(): Promise<Browser> {
  const [{ chromium }, { default: packed }] = await Promise.all([
    import("playwright-core"),
    import("@sparticuz/chromium"),
  ]);
  const executablePath = process.env.CHROME_PATH || (await packed.executablePath());
  return chromium.launch({ executablePath, args: [...packed.args, "--no-sandbox"] });
}

function freePort(): Promise<string> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" ? address?.port : undefined;
      server.close(() => resolve(String(port)));
    });
  });
}
