import t, { type Test } from "tap";
import { testedProvider, testOtherProviders } from "../support/calendar-providers.ts";
import { comingMonday } from "../support/coming-monday.ts";
import { countEvents } from "../support/event-agreement.ts";
import { killDuring, type Moment } from "../support/kill-during.ts";
import { type CalendarProcess, createProcessWorld } from "../support/process-world.ts";
import { openStored } from "../support/stored-connections.ts";

const provider = testedProvider(import.meta.url);

const { token } = provider.endpoints;
const callers = 200;
const request = { date_iso: comingMonday() };
const settings = { HOLD_MS: "60000", CALENDAR_CACHE_SECONDS: "0" };

type Death = Moment & {
  /** The stored refresh token is one that was used: where it is good only once, the grant is over. */
  readonly usesToken: boolean;
};

/** What becomes of the refresh that a process is killed in the middle of. */
const deaths: Record<string, Death> = {
  "the provider has renewed, and nobody has saved it": { call: "token", fate: "unheard", usesToken: true },
  "the provider renews it after the kill": { call: "token", fate: "late", usesToken: true },
  "the provider never gets it": { call: "token", fate: "lost", usesToken: false },
};
const victims = Object.values(deaths).map((moment, i) => ({ customer: `victim-${i}`, moment }));

const world = await createProcessWorld(t, { provider, rotateRefreshTokens: true });
const start = () => world.start(provider.main, settings);
const startHasty = () => world.start("test/fixtures/hasty-calendar-service.ts", settings);
// The first one makes the database, the others find it.
const first = await start();
const [second, mortal] = await Promise.all([start(), startHasty()]);
const stored = openStored(world.databaseUrl);
await Promise.all(["busy", ...victims.map(({ customer }) => customer)].map((name) => first.connect(name)));

/** The callers' requests go round the processes. */
async function callAll(processes: readonly CalendarProcess[], customer: string, times: number) {
  const outcomes = await Promise.all(
    Array.from({ length: times }, (_, i) =>
      processes[i % processes.length]?.call(customer, "get_available_slots", request),
    ),
  );
  const answered = outcomes.filter((outcome) => (outcome?.answer?.slots.length ?? 0) > 0).length;
  return { answered, errors: outcomes.flatMap((one) => one?.error ?? []) };
}

/** The same, with how often the token endpoint was asked. */
async function countRefreshes<T extends object>(act: () => Promise<T>): Promise<T & { refreshes: number }> {
  await world.sandbox("DELETE", "calls");
  const outcome = await act();
  const { by } = await world.sandbox("GET", "calls");
  return { ...outcome, refreshes: by[`${token.method} ${token.path}`] ?? 0 };
}

const oneRefreshForAll = { answered: callers, errors: [], refreshes: 1 };

t.test("an access token runs out: three processes with 200 callers renew it once", async (t) => {
  await stored.expireAccess("busy");
  const outcome = await countRefreshes(() => callAll([first, second, mortal], "busy", callers));
  t.strictSame(outcome, oneRefreshForAll);
});

t.test("the provider refuses an access token before its time: they renew it once", async (t) => {
  await world.sandbox("POST", "expire-access-tokens");
  const outcome = await countRefreshes(() => callAll([first, second, mortal], "busy", callers));
  t.strictSame(outcome, oneRefreshForAll);
  t.equal(await first.connectionState("busy"), "connected");
});

t.test(
  "a process is killed while it renews: others go on, and nobody is disconnected who needn't be",
  async (t) => {
    const renewNow = async (customer: string, processes: readonly CalendarProcess[]) => {
      await stored.expireAccess(customer);
      const outcome = await countRefreshes(() => callAll(processes, customer, 2 * processes.length));
      t.strictSame(outcome, { answered: 2 * processes.length, errors: [], refreshes: 1 });
    };
    // Only from the second one on does a refresh end what it replaces.
    for (const { customer } of victims) {
      await renewNow(customer, [first]);
      await stored.expireAccess(customer);
    }
    const interrupted = victims.map((victim) => ({ ...victim, tool: "get_available_slots", args: request }));
    t.equal(await killDuring(world.providerCalls, mortal, interrupted), 0);

    const { outcomes, refreshes } = await countRefreshes(async () => ({
      outcomes: await Promise.all(victims.map(({ customer }) => callAll([first, second], customer, 4))),
    }));
    const isLost = ({ usesToken }: Death) => usesToken && provider.rotatesStrictly;
    for (const [i, [name, death]] of Object.entries(deaths).entries()) {
      const { customer = "" } = victims[i] ?? {};
      const { answered, errors } = outcomes[i] ?? {};
      if (isLost(death)) await expectLost(t, customer, { answered, errors });
      else t.strictSame({ answered, errors }, { answered: 4, errors: [] }, name);
    }
    t.equal(refreshes, victims.length, "each was renewed once");

    const restarted = await startHasty();
    for (const [i, death] of Object.values(deaths).entries()) {
      const { customer = "" } = victims[i] ?? {};
      if (isLost(death)) await first.connect(customer);
      await renewNow(customer, [restarted, first, second]);
      await renewNow(customer, [second]);
      t.equal(await restarted.connectionState(customer), "connected");
    }
  },
);

/** Everybody is told that the business has to connect again, and the admin has one link for it. */
async function expectLost(
  t: Test,
  customer: string,
  outcome: { answered: number | undefined; errors: object[] | undefined },
) {
  t.match(outcome, { answered: 0, errors: Array(4).fill({ code: "reconnect_required", next_step: /\w/ }) });
  t.equal(await second.connectionState(customer), "reconnect_required");
  const told = (kind: string) => countEvents(world.databaseUrl, customer, kind);
  t.equal(await told("reconnect_required"), 1);
  t.equal(await told("link_issued"), 2, "one for the first consent, and one to connect again");
}

testOtherProviders(import.meta.url);
