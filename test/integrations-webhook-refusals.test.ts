import { readConfig } from "@cita/process";
import { accountProviders } from "@cita/providers/accounts";
import { generateFernetKey } from "@cita/token-store";
import t from "tap";
import { createConfigSchema } from "../apps/integrations/src/config.ts";
import { adminKey, serviceKey } from "./support/test-keys.ts";
import { openReceiver } from "./support/webhook-receiver.ts";
import { createWebhooksWorld, forEachWebhooksWorld } from "./support/webhooks-world.ts";

const path = "/integrations/webhooks";
const url = "https://api.example.com/hook";
const nobody = "00000000-0000-4000-8000-000000000000";

/** As in production: to the public internet alone. */
const asInProduction = { variables: { WEBHOOK_ALLOW_PRIVATE: "false" } };

forEachWebhooksWorld(
  t,
  "a receiver that nothing may be sent to is refused",
  asInProduction,
  async (t, world) => {
    const refused: Readonly<Record<string, RegExp>> = {
      "http://api.example.com/hook": /has to begin with https/,
      "ftp://api.example.com/hook": /has to begin with https/,
      "javascript:alert(1)": /has to begin with https/,
      "//api.example.com/hook": /in full/,
      "api.example.com": /in full/,
      "https://": /in full/,
      "": /in full/,
      "https://user:pass@api.example.com/": /credentials.*signed/,
      "https://user@api.example.com/": /credentials/,
      "https://api.example.com:25/": /port/,
      "https://127.0.0.1/": /public internet/,
      "https://2130706433/": /public internet/,
      "https://0x7f.1/": /public internet/,
      "https://0177.0.0.1/": /public internet/,
      "https://127.1/": /public internet/,
      "https://１２７.０.０.１/": /public internet/,
      "https://[::1]/": /public internet/,
      "https://[::ffff:127.0.0.1]/": /public internet/,
      "https://[::ffff:7f00:1]/": /public internet/,
      "https://[64:ff9b::7f00:1]/": /public internet/,
      "https://[fd00::1]/": /public internet/,
      "https://10.0.0.1/": /public internet/,
      "https://192.168.1.1/": /public internet/,
      "https://169.254.169.254/latest/meta-data": /public internet/,
      "https://localhost/": /public internet/,
      "https://LOCALHOST./": /public internet/,
      "https://metadata.google.internal/": /public internet/,
      "https://printer.local/": /public internet/,
      "https://intranet/": /public internet/,
    };
    const { body: made } = await world.api("POST", path, { organizationId: "luna", url, events: ["*"] });
    for (const [text, sentence] of Object.entries(refused)) {
      const expected = { status: 400, body: { error: { code: "WEBHOOK_URL_REFUSED", message: sentence } } };
      const asked = { organizationId: "luna", url: text, events: ["*"] };
      t.match(await world.api("POST", path, asked), expected, text);
      t.match(await world.api("PATCH", `${path}/${made.data.id}`, { url: text }), expected, `${text}, later`);
    }
    t.equal((await world.api("GET", `${path}?organizationId=luna`)).body.data.length, 1);
  },
);

t.test("a name that leads into our own network is met at each attempt", async (t) => {
  let reached = 0;
  const inside = await openReceiver(t, (_received, response) => {
    reached += 1;
    response.end();
  });
  const addresses = ["127.0.0.1", "10.0.0.1", "::ffff:127.0.0.1", "169.254.169.254"];
  const world = await createWebhooksWorld(t, {
    ...asInProduction,
    overrides: {
      // First a public address, which the guard would let pass, and a private one from then on.
      lookup: async () => [{ address: addresses.shift() ?? "127.0.0.1", family: 4 }],
      webhookTiming: { timeoutMs: 1_000 },
    },
  });
  const { id } = await world.addWebhook(`https://rebound.example:${inside.port}/`);
  await world.happens();
  const [first] = await world.settled(id, 1, ["RETRYING"]);
  t.match(first, { error: /isn't on the public internet/, response: null });
  for (const hours of [1, 1, 1]) {
    world.clock.now += hours * 3_600_000;
    const before = first?.attempts;
    await world.settled(id, 1, ["RETRYING"]);
    t.ok(before !== undefined);
  }
  t.equal(reached, 0);
});

forEachWebhooksWorld(t, "what makes no sense is named", {}, async (t, world) => {
  const good = { organizationId: "luna", url, events: ["booking.created"] };
  const cases: readonly (readonly [object, RegExp])[] = [
    [{ ...good, events: [] }, /event-types/],
    [{ ...good, events: ["media.created"] }, /event-types/],
    [{ ...good, events: ["webhook.*"] }, /event-types/],
    [{ ...good, events: ["webhook.delivered"] }, /event-types/],
    [{ ...good, events: ["webhook.test"] }, /event-types/],
    [{ ...good, events: ["book*"] }, /event-types/],
    [{ ...good, events: "*" }, /events/],
    [{ ...good, events: [1] }, /events/],
    [{ ...good, organizationId: undefined }, /either integrationId or organizationId/],
    [{ ...good, integrationId: nobody }, /either integrationId or organizationId/],
    [{ ...good, organizationId: "lu na" }, /organizationId/],
    [{ ...good, url: `${url}/${"x".repeat(2_100)}` }, /2048/],
    [{ ...good, url: 1 }, /url/],
    [{ ...good, secret: "whsec_mine" }, /secret/],
    [{ ...good, metadata: { note: "x".repeat(5_000) } }, /4 kB/],
  ];
  for (const [body, message] of cases)
    t.match(
      await world.api("POST", path, body),
      { status: 400, body: { error: { code: "VALIDATION_ERROR", message } } },
      JSON.stringify(body).slice(0, 100),
    );
  t.match(await world.api("POST", path, { ...good, organizationId: undefined, integrationId: nobody }), {
    status: 404,
    body: { error: { code: "INTEGRATION_NOT_FOUND" } },
  });
  const { id } = await world.addWebhook("http://127.0.0.1:9999/");
  for (const body of [
    {},
    { deliveryId: id, since: "2026-01-01T00:00:00Z" },
    { since: "yesterday" },
    { since: 1 },
  ])
    t.equal((await world.api("POST", `${path}/${id}/replay`, body)).status, 400, JSON.stringify(body));
  for (const query of ["?status=LOST", "?limit=0", "?limit=201", "?cursor=x", "?page=2"])
    t.equal((await world.api("GET", `${path}/${id}/deliveries${query}`)).status, 400, query);
  for (const query of ["", "?organizationId=luna&integrationId=x", "?organizationId=luna&page=2"])
    t.equal((await world.api("GET", path + query)).status, 400, query);
  t.equal((await world.api("PATCH", `${path}/${id}`, {})).status, 400);
  t.equal((await world.api("PATCH", `${path}/${id}`, { organizationId: "sol" })).status, 400);
});

forEachWebhooksWorld(t, "there are so many, and pages of them", {}, async (t, world) => {
  const add = () => world.api("POST", path, { organizationId: "luna", url, events: ["*", "*", "booking.*"] });
  const made = await Promise.all(Array.from({ length: 60 }, add));
  t.equal(made.filter(({ status }) => status === 201).length, 50);
  t.match(
    made.find(({ status }) => status !== 201),
    { status: 409, body: { error: { code: "TOO_MANY_WEBHOOKS", message: /50.*Delete one/ } } },
  );
  t.strictSame(made.find(({ status }) => status === 201)?.body.data.events, ["*", "booking.*"]);
  const ids: string[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const more = cursor === "" ? "" : `&cursor=${cursor}`;
    const { body } = await world.api("GET", `${path}?organizationId=luna&limit=20${more}`);
    ids.push(...body.data.map(({ id }: { id: string }) => id));
    cursor = body.nextCursor;
  }
  t.equal(new Set(ids).size, 50);
  t.equal((await world.api("POST", path, { organizationId: "sol", url, events: ["*"] })).status, 201);
});

t.test("private receivers are refused where the service is public", async (t) => {
  const read = (variables: Readonly<Record<string, string>>) => () =>
    readConfig(createConfigSchema(accountProviders), {
      ...{
        TOKEN_ENCRYPTION_KEY: generateFernetKey(),
        ADMIN_API_KEY: adminKey,
        CALENDAR_SERVICE_KEY: serviceKey,
      },
      WEBHOOK_ALLOW_PRIVATE: "true",
      ...variables,
    });
  t.throws(read({ INTEGRATIONS_PUBLIC_URL: "https://integrations.example.com" }), {
    message: /WEBHOOK_ALLOW_PRIVATE is refused where INTEGRATIONS_PUBLIC_URL is public/,
  });
  t.doesNotThrow(read({}));
  for (const scale of ["0", "2", "-1", "x"])
    t.throws(
      read({ WEBHOOK_RETRY_SCALE: scale }),
      { message: /WEBHOOK_RETRY_SCALE must be a number/ },
      scale,
    );
});
