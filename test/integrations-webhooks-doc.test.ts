import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { errorStatuses } from "@cita/integrations-api";
import { Ajv2020 } from "ajv/dist/2020.js";
import t from "tap";
import { z } from "zod";
import { bodyExample, bodySchema, eventTypeNames } from "../apps/integrations/src/webhooks/event-types.ts";
import { runProgram } from "./support/command.ts";
import { freePort } from "./support/free-port.ts";
import { makeTestFolder } from "./support/test-folder.ts";
import { until } from "./support/webhook-receiver.ts";
import { createWebhooksWorld } from "./support/webhooks-world.ts";

const page = readFileSync(new URL("../docs/webhooks.md", import.meta.url), "utf8");

t.test("each example is what its schema says, and so is the JSON Schema", async (t) => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  for (const name of eventTypeNames) {
    const example = bodyExample(name);
    t.doesNotThrow(() => bodySchema(name).parse(example), name);
    t.ok(ajv.validate(z.toJSONSchema(bodySchema(name)), example), name);
    t.ok(Buffer.byteLength(JSON.stringify(example)) < 1_000, "thin");
  }
});

t.test("the catalogue is served, to whoever is known", async (t) => {
  const world = await createWebhooksWorld(t, { hasBackground: false });
  const { body } = await world.api("GET", "/integrations/event-types");
  t.strictSame(
    body.data.map(({ name }: { name: string }) => name),
    eventTypeNames,
  );
  for (const { name, example, schema, subscribable } of body.data) {
    t.equal(example.type, name);
    t.match(schema, { type: "object", required: ["type", "timestamp", "data"] });
    t.equal(subscribable, name !== "webhook.test");
  }
  t.equal((await world.api("GET", "/integrations/event-types", undefined, null)).status, 401);
});

t.test("the page names every event and code", async (t) => {
  for (const name of eventTypeNames) t.match(page, `\`${name}\``, name);
  for (const code of Object.keys(errorStatuses).filter((one) => /WEBHOOK|DELIVERY/.test(one)))
    t.match(page, `\`${code}\``, code);
  const [, text = ""] = /```json\n([\s\S]*?)```/.exec(page) ?? [];
  t.doesNotThrow(() => bodySchema("booking.created").parse(JSON.parse(text)));
});

t.test("the page's receiver takes what is signed, once, and nothing else", async (t) => {
  const [, code = ""] = /```js receiver\n([\s\S]*?)```/.exec(page) ?? [];
  const folder = makeTestFolder(t);
  writeFileSync(join(folder, "receiver.mjs"), code);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  const world = await createWebhooksWorld(t, { retryScale: 0.001 });
  const { id, secret } = await world.addWebhook(url);
  const receiver = runProgram(t, process.execPath, {
    ...{ cwd: folder, args: ["receiver.mjs"] },
    env: { WEBHOOK_SECRET: secret, PORT: `${port}` },
  });
  const isUp = async () => (await fetch(url, { method: "POST" }).catch(() => undefined))?.status === 401;
  await until("it listens", 20_000, isUp);
  await world.happens();
  await receiver.printed("integration.connected\n");
  const [delivery] = await world.settled(id, 1, ["DELIVERED"]);
  await world.api("POST", `/integrations/webhooks/${id}/replay`, { deliveryId: delivery?.id });
  await until("it is delivered again", 10_000, async () => {
    const [again] = await world.deliveries(id);
    return again?.status === "DELIVERED";
  });
  await world.api("POST", `/integrations/webhooks/${id}/test`);
  await receiver.printed("webhook.test\n");
  t.equal(receiver.output(), "integration.connected\nwebhook.test\n");
  const signed = { "webhook-id": "x", "webhook-timestamp": "1", "webhook-signature": "v1,AAAA v1a,AAAA" };
  t.equal((await fetch(url, { method: "POST", headers: signed, body: "{}" })).status, 401);
  await receiver.end();
});
