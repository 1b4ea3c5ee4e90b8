import { setTimeout as sleep } from "node:timers/promises";
import t from "tap";
import { openAgreement } from "../support/agreement.ts";
import { testedProvider, testOtherProviders } from "../support/calendar-providers.ts";
import { comingMonday } from "../support/coming-monday.ts";
import { type Frozen, type FrozenMoment, freezeDuring } from "../support/freeze-during.ts";
import { killDuring } from "../support/kill-during.ts";
import { createProcessWorld, type ToolOutcome } from "../support/process-world.ts";

const provider = testedProvider(import.meta.url);

/** The services as they run for real, so that the promised figures are those of a real pair. */
const { main } = provider;
/** Within which another process serves what one that has ended left behind. */
const promisedMs = 15_000;
const freezeMs = 20_000;
const awakeMs = 150;

t.setTimeout(120_000);

const monday = comingMonday();
const [oldTime, newTime] = [`${monday}T09:00:00-05:00`, `${monday}T10:00:00-05:00`];
const request = { start_iso: oldTime, attendee_name: "Ana" };
const withKey = { ...request, idempotency_key: "k1" };

const world = await createProcessWorld(t, { provider });
const [killed, frozen, other] = await Promise.all([world.start(main), world.start(main), world.start(main)]);
const agreement = openAgreement(world);
t.teardown(() => agreement.close());

const killedAt = ["repeated", "left"].flatMap((after) =>
  (["lost", "late", "unheard"] as const).map((fate) => ({
    ...{ customer: `killed-${fate}-${after}`, after, tool: "book", args: withKey },
    moment: { call: "insert" as const, fate },
  })),
);

const frozenAt: (FrozenMoment & { tool: string })[] = [
  { tool: "book", call: "list", fate: "lost" },
  { tool: "book", call: "insert", fate: "lost" },
  { tool: "book", call: "insert", fate: "late" },
  { tool: "book", call: "insert", fate: "unheard" },
  { tool: "book", call: "list", nth: 2, fate: "unheard" },
  { tool: "reschedule_booking", call: "patch", fate: "lost" },
  { tool: "reschedule_booking", call: "patch", fate: "late" },
  { tool: "reschedule_booking", call: "patch", fate: "unheard" },
  { tool: "reschedule_booking", call: "list", nth: 2, fate: "unheard" },
  { tool: "cancel_booking", call: "delete", fate: "late" },
  { tool: "cancel_booking", call: "delete", fate: "unheard" },
];

async function prepare({ tool, ...moment }: FrozenMoment & { tool: string }, i: number): Promise<Frozen> {
  const about = { service: frozen, customer: `frozen-${i}`, tool, moment };
  await frozen.connect(about.customer);
  if (tool === "book") return { ...about, args: withKey };
  const { answer } = await frozen.call(about.customer, "book", request);
  const { booking_id } = answer;
  return { ...about, args: { booking_id, ...(tool === "reschedule_booking" && { start_iso: newTime }) } };
}

await Promise.all(killedAt.map(({ customer }) => other.connect(customer)));
const cases = await Promise.all(frozenAt.map(prepare));
const customers = [...killedAt, ...cases].map(({ customer }) => customer);

const freeze = await freezeDuring(world.providerCalls, cases);
const frozeAt = performance.now();
await killDuring(world.providerCalls, killed, killedAt);
const endedAt = performance.now();

/** How long it takes until somebody is served: with the same request, or with the time that it was for. */
const served = Promise.all(
  killedAt.map(async ({ customer, after }) => {
    const args = after === "repeated" ? withKey : { ...request, attendee_name: "Bea" };
    for (;;) {
      const outcome = await other.call(customer, "book", args);
      const ms = Math.round(performance.now() - endedAt);
      if (outcome.error === undefined || ms > 2 * promisedMs) return { customer, outcome, ms };
      await sleep(100);
    }
  }),
);

await sleep(frozeAt + freezeMs - performance.now());
/** By then somebody else has the times that are free. */
const others = await Promise.all(
  cases.map(
    async ({ customer }): Promise<ToolOutcome[]> =>
      Promise.all(
        [oldTime, newTime].map((start_iso) =>
          other.call(customer, "book", { start_iso, attendee_name: "Bea" }),
        ),
      ),
  ),
);
await freeze.deliverLate();
frozen.thaw();
await sleep(awakeMs);
await frozen.end("SIGKILL");
const agreed = await agreement.untilAgreed(customers, promisedMs);

t.test("after a kill in the middle of a booking another process serves within 15 s", async (t) => {
  for (const { customer, outcome, ms } of await served) {
    t.match(outcome, { answer: { status: "confirmed" } }, customer);
    t.ok(ms < promisedMs, `${customer} was served after ${ms} ms`);
    t.equal((await agreement.marked(customer)).length, 1);
  }
});

t.test(
  "after a freeze and a kill ledger and calendar agree within 15 s, and nothing is doubled",
  async (t) => {
    t.strictSame(agreed.differences, [], `they agreed after ${agreed.ms} ms`);
    for (const [i, { customer }] of cases.entries()) {
      const events = await agreement.marked(customer);
      t.equal(new Set(events.map(({ start }) => start)).size, events.length, `${customer}: none is doubled`);
      for (const { answer, error } of others[i] ?? []) {
        if (error) t.match(error, { code: "slot_taken", next_step: /\w/ });
        else t.ok(events.some(({ bookingId }) => bookingId === answer.booking_id));
      }
      t.equal(events.length, 2, "both times are somebody's");
    }
  },
);

testOtherProviders(import.meta.url);
