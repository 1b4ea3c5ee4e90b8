import type { Test } from "tap";
import t from "tap";
import { addPerson, send } from "./support/people.ts";
import { createWorld, type World } from "./support/world.ts";
import { forEachWorld } from "./support/world-engines.ts";

type Watching = {
  readonly act?: () => Promise<void>;
  /** Ends the watching once it was sent. */
  readonly until?: string;
  readonly forMs?: number;
};

/** What a stream of the page has sent while something happens. */
async function watch(
  world: World,
  path: string,
  cookie: string,
  { act, until, forMs = 15_000 }: Watching,
): Promise<string> {
  const leaving = new AbortController();
  const timer = setTimeout(() => leaving.abort(), forMs);
  const response = await fetch(world.adminUrl + path, { headers: { cookie }, signal: leaving.signal });
  await act?.();
  let text = "";
  try {
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk;
      if (until !== undefined && text.includes(until)) break;
    }
  } catch (error) {
    if (!leaving.signal.aborted) throw error;
  } finally {
    clearTimeout(timer);
  }
  return text;
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
    const act = async () => void (await world.consent(link));
    const until = ">Conectado<";
    t.match(await watch(world, path, cookie, { act, until }), until);
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
    const until = ">Conectado<";
    t.match(await watch(world, path, cookie, { until }), until);
    const told = await watch(world, await readLivePath(world, cookie), cookie, { until, forMs: 1_500 });
    t.notMatch(told, until, "the page that is opened afterwards has it already");
  },
);

t.test("a session has twenty streams at most, and gets one more when one has ended", async (t) => {
  const world = await createWorld(t);
  const { cookie } = await addPerson(world, { email: "admin@example.com", role: "admin" });
  const other = await addPerson(world, { email: "other@example.com", role: "admin" });
  const path = `${world.adminUrl}/panel/live/clientes`;
  const open = async (of: string) => {
    const ending = new AbortController();
    const answer = await fetch(path, { headers: { cookie: of }, signal: ending.signal });
    // The answer is kept, or its stream would end when it is collected as garbage.
    return { answer, status: answer.status, end: () => ending.abort() };
  };
  const streams = await Promise.all(Array.from({ length: 20 }, () => open(cookie)));
  t.ok(streams.every(({ status }) => status === 200));
  t.equal((await open(cookie)).status, 429);
  const another = await open(other.cookie);
  t.equal(another.status, 200);
  streams[0]?.end();
  let status = 429;
  for (let i = 0; i < 50 && status === 429; i++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    const one = await open(cookie);
    status = one.status;
    one.end();
  }
  t.equal(status, 200);
  for (const { end } of [...streams, another]) end();
});
