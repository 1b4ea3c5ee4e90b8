import { once } from "node:events";
import { Agent, type IncomingMessage, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { createBrowser } from "../../test/support/browser.ts";
import { send } from "../http-client.ts";
import { residentMebibytes } from "../processes.ts";
import type { Measurement } from "../report.ts";
import type { FilledPanel } from "./filled-panel.ts";

const agent = new Agent({ maxSockets: Number.POSITIVE_INFINITY });
const timeoutMs = 10_000;
const openPages = 500;
/** As many as a session may have. */
const pagesOfSession = 20;
/** As many rows as a page of the list has. */
const rowsOfPage = 50;

/** The stream of a list that shows these customers, and was made before anything has happened to them. */
async function openLive({ admin, cookie }: Pick<FilledPanel, "admin" | "cookie">, ids: readonly string[]) {
  const url = `${admin.url}/panel/live/clientes?${new URLSearchParams([...ids.map((id) => ["id", id]), ["after", "0"]])}`;
  const sent = request(url, { agent, headers: { cookie, "accept-language": "en" } }).end();
  const [stream] = (await once(sent, "response")) as [IncomingMessage];
  if (stream.statusCode !== 200) throw new Error(`${url} answered ${stream.statusCode}.`);
  let received = "";
  stream.setEncoding("utf8").on("data", (text: string) => {
    received += text;
  });
  stream.on("error", () => undefined);
  return {
    has: (text: string) => received.includes(text),
    close: () => stream.destroy(),
  };
}

/** From when a business allows it at Google until the row that says so is in the admin's browser, at the most. */
export async function measureConnecting(
  panel: FilledPanel,
  engine: string,
  rounds: number,
): Promise<Measurement> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const id = `bench-live-${round}`;
    const browser = createBrowser();
    const page = await browser.open(await panel.addCustomer(id));
    const googlePage = await browser.submit(page);
    const live = await openLive(panel, [id]);
    const begun = performance.now();
    const consented = browser.submit(googlePage, { action: "allow" });
    while (!live.has(">Connected<") && performance.now() - begun < timeoutMs) await sleep(2);
    times.push(performance.now() - begun);
    live.close();
    if ((await consented).status !== 200) throw new Error(`The consent of ${id} failed.`);
  }
  return {
    name: `${engine}: from the consent to the row in the browser, at the most`,
    value: Math.max(...times),
    unit: "ms",
    target: { max: 1_000 },
  };
}

/** What so many open lists cost the service that has begun to serve, after each of them was told of a change. */
export async function measureOpenPages(panel: FilledPanel, engine: string): Promise<Measurement> {
  const { admin, cookie } = panel;
  // Once the young generation has its size, what is left is what pages cost.
  for (let i = 0; i < 200; i++)
    await send({ method: "GET", url: `${admin.url}/clientes`, headers: { cookie } });
  const id = `bench-open-${engine}`;
  const browser = createBrowser();
  const googlePage = await browser.submit(await browser.open(await panel.addCustomer(id)));
  const cookies: string[] = [];
  while (cookies.length < openPages / pagesOfSession) cookies.push(await panel.signIn());
  await sleep(1_000);
  const before = residentMebibytes(admin.process);
  const ids = [...Array.from({ length: rowsOfPage - 1 }, (_, i) => `quiet-${i}`), id];
  const pages = await Promise.all(
    cookies.flatMap((of) =>
      Array.from({ length: pagesOfSession }, () => openLive({ admin, cookie: of }, ids)),
    ),
  );
  await browser.submit(googlePage, { action: "allow" });
  const deadline = performance.now() + timeoutMs;
  while (!pages.every((page) => page.has(">Connected<")) && performance.now() < deadline) await sleep(20);
  const wereTold = pages.every((page) => page.has(">Connected<"));
  const after = residentMebibytes(admin.process);
  for (const page of pages) page.close();
  return {
    name: `${engine}: resident memory for ${openPages} open lists`,
    value: wereTold ? after - before : Number.NaN,
    unit: "MiB",
    target: { max: 60 },
  };
}
