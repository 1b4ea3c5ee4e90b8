import type { Test } from "tap";
import t from "tap";
import { addPerson, send } from "./support/people.ts";
import type { World } from "./support/world.ts";
import { forEachWorld } from "./support/world-engines.ts";

/** What a stream of the page has sent within a second and a half, while something happens. */
async function watch(world: World, path: string, cookie: string, act: () => Promise<void>): Promise<string> {
  const signal = AbortSignal.timeout(1_500);
  const watching = send(world.adminUrl, "GET", path, { cookie, signal });
  await act();
  return (await watching).text;
}

/** Where the list of customers is told of changes. */
async function readLivePath(world: World, cookie: string): Promise<string> {
  const { text } = await send(world.adminUrl, "GET", "/clientes", { cookie });
  const [, path = ""] = /hx-sse:connect="([^"]+)"/.exec(text) ?? [];
  return path.replaceAll("&#61;", "=").replaceAll("&#38;", "&");
}

async function openList(t: Test, world: World) {
  const { cookie } = await addPerson(world, { email: "admin@example.com", role: "admin" });
  const { body } = await world.connect("luna");
  const path = await readLivePath(world, cookie);
  t.match(path, "id=luna");
  return { cookie, path, link: body.shareable_link };
}

forEachWorld(
  t,
  "a row is told of a consent that comes right after the stream has begun",
  { followsEvents: true },
  async (t, world) => {
    const { cookie, path, link } = await openList(t, world);
    const told = await watch(world, path, cookie, async () => void (await world.consent(link)));
    t.match(told, ">Conectado<");
  },
);

forEachWorld(
  t,
  "a row is told of what has happened between the page and its stream",
  { followsEvents: true },
  async (t, world) => {
    const { cookie, path, link } = await openList(t, world);
    await world.consent(link);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const nothing = async () => undefined;
    t.match(await watch(world, path, cookie, nothing), ">Conectado<");
    const told = await watch(world, await readLivePath(world, cookie), cookie, nothing);
    t.notMatch(told, ">Conectado<", "the page that is opened afterwards has it already");
  },
);
