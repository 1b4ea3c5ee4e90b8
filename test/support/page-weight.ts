import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { buffer } from "node:stream/consumers";
import type { Person } from "./people.ts";
import type { World } from "./world.ts";

/** How many bytes a page's first view takes, with its assets, as they are sent to a browser. */
export async function weighPage(
  { adminUrl }: Pick<World, "adminUrl">,
  { cookie }: Pick<Person, "cookie">,
  path: string,
): Promise<number> {
  const page = await fetchBytes(adminUrl + path, cookie);
  const assets = [...page.toString().matchAll(/(?:href|src)="(\/panel\/assets\/[^"]+)"/g)];
  const sent = await Promise.all(
    assets.map(([, asset = ""]) => fetchBytes(adminUrl + asset, cookie, "gzip")),
  );
  return [page, ...sent].reduce((sum, { length }) => sum + length, 0);
}

async function fetchBytes(url: string, cookie: string, encoding = "identity"): Promise<Buffer> {
  const sent = request(url, { headers: { cookie, "accept-encoding": encoding } }).end();
  const [answer] = (await once(sent, "response")) as [IncomingMessage];
  return buffer(answer);
}
