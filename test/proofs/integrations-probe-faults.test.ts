import { setTimeout as sleep } from "node:timers/promises";
import { accountRefusals, type RefusalKind } from "@cita/sandbox";
import t, { type Test } from "tap";
import { addFault, clearFaults } from "../support/account-faults.ts";
import { connectEverywhere, type FaultedAccount, sentence } from "../support/faulted-accounts.ts";
import { createIntegrationsWorld, type IntegrationsWorld } from "../support/integrations-world.ts";
import { passingFaults, providerTimeoutMs } from "../support/passing-faults.ts";

/** Every provider's probe meets every fault. All are probed at once, by the service itself, as its clock goes on. */
const options = {
  hasBackground: true,
  overrides: { roundMs: 50, providerTimeoutMs },
  variables: { CONSENTS_PER_MINUTE: "1000000" },
};

const probeEveryMs = 15 * 3_600_000;
const maxWaitMs = 30_000;

const read = async (world: IntegrationsWorld, id: string) =>
  (await world.api("GET", `/integrations/${id}`)).body.data;

type Log = {
  readonly action: string;
  readonly status: string;
  readonly startedAt: string;
  readonly error: string;
};

async function findProbe(world: IntegrationsWorld, id: string, since: string): Promise<Log | undefined> {
  const { body } = await world.api("GET", `/integrations/${id}/sync-logs?limit=20`);
  return (body.data as Log[]).find(
    ({ action, status, startedAt }) => action === "probe" && status !== "IN_PROGRESS" && startedAt >= since,
  );
}

/** Lets all probes become due. @returns how each has ended */
async function probeAll(world: IntegrationsWorld, accounts: readonly FaultedAccount[]) {
  world.clock.now += probeEveryMs;
  const since = new Date(world.clock.now).toISOString();
  const probes = new Map<FaultedAccount, Log>();
  for (const deadline = performance.now() + maxWaitMs; performance.now() < deadline; await sleep(50)) {
    for (const account of accounts) {
      if (probes.has(account)) continue;
      const found = await findProbe(world, account.id, since);
      if (found !== undefined) probes.set(account, found);
    }
    if (probes.size === accounts.length) break;
  }
  return probes;
}

async function openProbed(t: Test) {
  const world = await createIntegrationsWorld(t, options);
  const accounts = await connectEverywhere(world);
  const probed = accounts.filter(({ requests }) => requests.some(({ name }) => name === "probe"));
  t.ok(probed.length >= 19, `${probed.length} providers are probed`);
  const addFaults = async (faultOf: (account: FaultedAccount) => object | undefined) => {
    for (const account of probed) {
      const fault = faultOf(account);
      for (const { at } of account.requests.filter(({ name }) => name === "probe"))
        if (fault !== undefined) await addFault(world, { ...at, ...fault });
    }
  };
  return { world, probed, addFaults };
}

async function expectWell(t: Test, world: IntegrationsWorld, probed: readonly FaultedAccount[]) {
  const probes = await probeAll(world, probed);
  for (const account of probed) {
    t.equal(probes.get(account)?.status, "COMPLETED", `${account.provider.id} afterwards`);
    t.match(await read(world, account.id), { isActive: true, lastError: null, reconnectRequiredSince: null });
  }
}

t.test("no fault of a probe disconnects anybody", async (t) => {
  const { world, probed, addFaults } = await openProbed(t);
  for (const [name, fault] of Object.entries(passingFaults)) {
    await addFaults(() => fault);
    const probes = await probeAll(world, probed);
    for (const account of probed) {
      const what = `${account.provider.id}: ${name}`;
      const probe = probes.get(account);
      t.match(probe, { status: "FAILED", error: sentence }, what);
      t.match(await read(world, account.id), { isActive: true, reconnectRequiredSince: null }, what);
    }
    await clearFaults(world);
  }
  await expectWell(t, world, probed);
});

t.test("nor does what a dialect says of our client, its limits, or a permission", async (t) => {
  const { world, probed, addFaults } = await openProbed(t);
  const kinds: readonly RefusalKind[] = ["rate_limited", "server_error", "scope_missing"];
  for (const kind of kinds)
    for (const spelling of [0, 1, 2, 3, 4]) {
      // Google's says that the grant hasn't got it, so that a new consent helps.
      const spelt = ({ provider: { dialect } }: FaultedAccount) =>
        kind === "scope_missing" && dialect === "google"
          ? undefined
          : accountRefusals[dialect][kind][spelling];
      const concerned = probed.filter((account) => spelt(account) !== undefined);
      if (concerned.length === 0) continue;
      await addFaults((account) => {
        const found = spelt(account);
        return found && { status: found.status, body: { ...found.body } };
      });
      const probes = await probeAll(world, concerned);
      for (const account of concerned) {
        const what = `${account.provider.id}, ${kind} ${spelling}`;
        t.match(probes.get(account), { status: "FAILED", error: sentence }, what);
        t.match(await read(world, account.id), { isActive: true, reconnectRequiredSince: null }, what);
      }
      await clearFaults(world);
    }
  await expectWell(t, world, probed);
});
