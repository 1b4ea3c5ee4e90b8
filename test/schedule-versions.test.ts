import { createCalendarApiClient } from "@cita/calendar-api";
import t from "tap";
import { schedulePath } from "./support/barber-shop.ts";
import { send } from "./support/send.ts";
import { adminKey, createWorld, serviceKey, type World } from "./support/world.ts";

const put = (world: World, body: object, ifMatch?: string) =>
  send(`${world.adminUrl}${schedulePath}`, {
    method: "PUT",
    headers: {
      authorization: `Bearer ${adminKey}`,
      "content-type": "application/json",
      ...(ifMatch !== undefined && { "if-match": ifMatch }),
    },
    body: JSON.stringify(body),
  });

const get = (world: World) =>
  send(`${world.adminUrl}${schedulePath}`, { headers: { authorization: `Bearer ${adminKey}` } });

t.test("a schedule has a tag that changes with it, and only with it", async (t) => {
  const world = await createWorld(t);
  await world.connect("luna");
  const byDefault = (await get(world)).headers.get("etag");
  t.match(byDefault, /^"[\w-]{22}"$/);
  const changed = await put(world, { slot_interval_minutes: 15 });
  t.not(changed.headers.get("etag"), byDefault);
  t.equal((await get(world)).headers.get("etag"), changed.headers.get("etag"));
  await world.restart();
  t.equal((await get(world)).headers.get("etag"), changed.headers.get("etag"));
  t.equal((await put(world, {})).headers.get("etag"), byDefault);
});

t.test("with If-Match the second of two who edit a schedule is told, and nothing is lost", async (t) => {
  const world = await createWorld(t);
  await world.connect("luna");
  const tag = (await get(world)).headers.get("etag") ?? "";
  t.match(await put(world, { slot_interval_minutes: 15 }, tag), { status: 200 });
  const late = await put(world, { slot_interval_minutes: 20 }, tag);
  t.match(late, {
    status: 412,
    body: { statusCode: 412, code: "schedule_changed", error: "Precondition Failed" },
  });
  const present = await get(world);
  t.equal(present.body.slot_interval_minutes, 15);

  t.match(await put(world, { slot_interval_minutes: 20 }, `"other", ${present.headers.get("etag")}`), {
    status: 200,
  });
  t.match(await put(world, { slot_interval_minutes: 25 }, "*"), { status: 200 });
  t.match(await put(world, { slot_interval_minutes: 30 }), { status: 200 }, "without the header, as ever");
  const weak = `W/${(await get(world)).headers.get("etag")}`;
  t.match(await put(world, { slot_interval_minutes: 10 }, weak), { status: 412 });
  t.match(
    await put(world, { slot_interval_minutes: -1 }, weak),
    { status: 400, body: { code: "invalid_schedule" } },
    "problems are named first",
  );
});

t.test("of many who save one version at once one succeeds", async (t) => {
  const world = await createWorld(t);
  await world.connect("luna");
  const tag = (await get(world)).headers.get("etag") ?? "";
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, i) => put(world, { horizon_days: 100 + i }, tag)),
  );
  const saved = answers.filter(({ status }) => status === 200);
  t.equal(saved.length, 1);
  t.equal(answers.filter(({ status }) => status === 412).length, 7);
  t.equal((await get(world)).body.horizon_days, saved[0]?.body.horizon_days);
});

t.test("the client carries the tag both ways", async (t) => {
  const world = await createWorld(t);
  await world.connect("luna");
  const client = createCalendarApiClient({ baseUrl: world.mcpUrl, serviceKey });
  const { eTag } = await client.taggedSchedule("luna");
  const saved = await client.replaceSchedule("luna", { horizon_days: 10 }, eTag);
  t.equal(saved.schedule.horizon_days, 10);
  t.not(saved.eTag, eTag);
  await t.rejects(client.replaceSchedule("luna", {}, eTag), { code: "schedule_changed", statusCode: 412 });
});
