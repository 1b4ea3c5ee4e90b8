import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import type { Measurement } from "../report.ts";
import { connectedCustomer, type FilledPanel } from "./filled-panel.ts";

const firstViews = ["/login", "/", "/clientes", `/clientes/${connectedCustomer}`];

/** What a browser that comes for the first time loads: the page, and the stylesheets, scripts and images in it. */
export async function measureBytes({ admin, cookie, ...panel }: FilledPanel): Promise<Measurement[]> {
  const measurements: Measurement[] = [];
  for (const path of firstViews) {
    const headers: Record<string, string> = path === "/login" ? {} : { cookie };
    const { bytes } = await loadView(`${admin.url}${path}`, headers);
    measurements.push({
      name: `first view of ${path}, compressed`,
      value: bytes,
      unit: "bytes",
      target: { max: 60_000 },
    });
  }
  const consent = await loadView(await panel.addCustomer("bench-consent"), {});
  return [
    ...measurements,
    { name: "consent page", value: consent.bytes, unit: "bytes", target: { max: 30_000 } },
    { name: "consent page, scripts", value: consent.scripts, unit: "", target: { max: 0 } },
  ];
}

async function loadView(url: string, headers: Record<string, string>) {
  const page = await load(url, headers);
  const linked = [...page.text.matchAll(/<(?:link|script|img)\b[^>]*?\b(?:href|src)="(\/[^"]+)"/g)];
  const paths = new Set(linked.map(([, path = ""]) => path));
  let bytes = page.bytes;
  for (const path of paths) bytes += (await load(new URL(path, url).href, headers)).bytes;
  return { bytes, scripts: page.text.match(/<script\b/g)?.length ?? 0 };
}

/** @returns the body's bytes as they were sent, and its text. */
async function load(url: string, headers: Record<string, string>) {
  const sent = request(url, { headers: { ...headers, "accept-encoding": "gzip" } }).end();
  const [answer] = (await once(sent, "response")) as [IncomingMessage];
  const body = await buffer(answer);
  if (answer.statusCode !== 200) throw new Error(`${url} answered ${answer.statusCode}.`);
  const isGzipped = answer.headers["content-encoding"] === "gzip";
  return { bytes: body.length, text: (isGzipped ? gunzipSync(body) : body).toString() };
}
