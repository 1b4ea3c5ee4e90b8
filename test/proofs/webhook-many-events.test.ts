import { setTimeout as sleep } from "node:timers/promises";
import t, { type Test } from "tap";
import {
  type Answer,
  answerWith,
  openReceiver,
  type Received,
  until,
  verify,
} from "../support/webhook-receiver.ts";
import { createWebhooksWorld, type WebhooksWorld } from "../support/webhooks-world.ts";

/*
 * Ten thousand events, told to receivers of every kind at once. Those that answer get each of theirs under one id; what the
 * others are owed ends as failed; and none of them keeps another one waiting.
 */

type Kind = {
  readonly events: number;
  /** @param attempt of one event, from 1 on */
  readonly answer: (attempt: number, elsewhere: string) => Answer;
  /** How each delivery ends. */
  readonly status: "DELIVERED" | "FAILED";
  /** Whether the webhook goes on. */
  readonly isActive: boolean;
};

const slowlyMs = 150;
const slowly: Answer = (_received, response) =>
  void setTimeout(() => response.writeHead(200).end(), slowlyMs);
const never: Answer = () => undefined;

const kinds: Readonly<Record<string, Kind>> = {
  well: { events: 5_000, answer: () => answerWith(200), status: "DELIVERED", isActive: true },
  "at-second-sight": {
    events: 3_000,
    answer: (attempt) => answerWith(attempt === 1 ? 500 : 200),
    ...{ status: "DELIVERED", isActive: true },
  },
  slow: { events: 500, answer: () => slowly, status: "DELIVERED", isActive: true },
  gone: { events: 500, answer: () => answerWith(410), status: "FAILED", isActive: false },
  elsewhere: {
    events: 500,
    answer: (_attempt, location) => answerWith(302, { location }),
    ...{ status: "FAILED", isActive: true },
  },
  failing: { events: 475, answer: () => answerWith(500), status: "FAILED", isActive: true },
  silent: { events: 25, answer: () => never, status: "FAILED", isActive: true },
};

const total = Object.values(kinds).reduce((sum, { events }) => sum + events, 0);
const together = 100;

/**
 * Of one request. Sender and receivers share this process, which accepts connections slowly while it adds events: with one
 * second, receivers that answer at once would be late at first, and would rightly be told again.
 */
const timeoutMs = 5_000;

t.test("ten thousand events, and receivers of every kind", { timeout: 280_000 }, async (t) => {
  // By that scale the last repetition comes after 40 s, and five days of failure are three minutes.
  const world = await createWebhooksWorld(t, {
    ...{ retryScale: 0.000_4, overrides: { webhookTiming: { timeoutMs } } },
  });
  const clock = setInterval(() => Object.assign(world.clock, { now: Date.now() }), 10);
  t.teardown(() => clearInterval(clock));
  const elsewhere = await openReceiver(t);
  const hooks = await Promise.all(
    Object.entries(kinds).map(([name, kind]) => addReceiver(t, world, name, kind, elsewhere.url)),
  );
  t.equal(total, 10_000);
  const begun = performance.now();
  for (const { name, events } of hooks)
    for (let i = 0; i < events; i += together)
      await world.actionsHappen(name, Math.min(together, events - i));
  const well = hooks.find(({ name }) => name === "well");
  await until("who answers has everything", 120_000, () => {
    return well !== undefined && well.received.length >= well.events;
  });
  const wellMs = performance.now() - begun;
  const last = hooks.at(-1);
  // Its events are the last in the log.
  await until("all is read", 120_000, async () => {
    return last !== undefined && (await allDeliveries(world, last.id)).length === last.events;
  });
  await until(
    "nothing is owed",
    120_000,
    async () => (await world.services.deliveries.countOpen()).length === 0,
  );
  t.comment(
    `${Math.round(wellMs)} ms until who answers had everything, ${Math.round(performance.now() - begun)} in all`,
  );
  for (const hook of hooks) await expectEnded(t, world, hook);
  await sleep(300);
  t.equal(elsewhere.received.length, 0, "redirects aren't followed");
});

type Hook = Kind & Awaited<ReturnType<typeof addReceiver>>;

async function addReceiver(t: Test, world: WebhooksWorld, name: string, kind: Kind, elsewhere: string) {
  const attempts = new Map<string, number>();
  const receiver = await openReceiver(t, (received, response) => {
    const attempt = (attempts.get(received.id) ?? 0) + 1;
    attempts.set(received.id, attempt);
    kind.answer(attempt, elsewhere)(received, response);
  });
  const { id, secret } = await world.addWebhook(receiver.url, { organizationId: name });
  return { ...kind, name, id, secret, received: receiver.received };
}

async function expectEnded(t: Test, world: WebhooksWorld, hook: Hook): Promise<void> {
  const { name, events, received, secret, status, isActive } = hook;
  const deliveries = await allDeliveries(world, hook.id);
  // What happens after a webhook has ended isn't owed.
  if (isActive) t.equal(deliveries.length, events, `${name}: one delivery for each event`);
  else t.ok(deliveries.length > 0 && deliveries.length <= events, `${name}: ${deliveries.length}`);
  t.strictSame([...new Set(deliveries.map((one) => one.status))], [status], name);
  t.match(await world.webhook(hook.id, `organizationId=${name}`), { isActive }, name);
  const idsOf = new Map<string, Set<string>>();
  for (const one of received) {
    const { integrationId } = readData(secret, one);
    idsOf.set(integrationId, (idsOf.get(integrationId) ?? new Set()).add(one.id));
  }
  t.ok(
    [...idsOf.values()].every((ids) => ids.size === 1),
    `${name}: an event has one id at each attempt`,
  );
  if (status === "FAILED") return;
  t.equal(idsOf.size, events, `${name}: it was told of each`);
  const attempts = name === "at-second-sight" ? 2 : 1;
  t.equal(received.length, attempts * events, `${name}: and of none once more`);
}

/** @throws where an independent verifier doesn't accept it */
function readData(secret: string, received: Received): { integrationId: string } {
  return (verify(secret, received) as { data: { integrationId: string } }).data;
}

async function allDeliveries(world: WebhooksWorld, id: string) {
  const found: { status: string }[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const more = cursor === "" ? "" : `&cursor=${cursor}`;
    const { body } = await world.api("GET", `/integrations/webhooks/${id}/deliveries?limit=200${more}`);
    found.push(...body.data);
    cursor = body.nextCursor;
  }
  return found;
}
