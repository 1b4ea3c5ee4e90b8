import { openDatabase } from "@cita/database";
import { type AccountProvider, accountProviders } from "@cita/providers/accounts";
import t, { type Test } from "tap";
import { connectAccount, consentAt, createTraveller, initiate, start } from "../support/account-consent.ts";
import { controlStandIn, providerOf } from "../support/account-faults.ts";
import { createIntegrationProcesses, type IntegrationProcesses } from "../support/integrations-process.ts";
import { engines } from "../support/test-database.ts";

/**
 * The service is killed when the providers have renewed, and answered, and nothing is saved yet. Of a strict rotation the
 * access is lost with it: the old refresh token is dead, and nobody has the new one.
 */

/** All that give refresh tokens, in each of the rotations. */
const renewed = accountProviders.filter(({ renewal }) => renewal.kind === "refresh_token");
const isStrict = ({ renewal }: AccountProvider) =>
  renewal.kind === "refresh_token" && renewal.rotation === "strict";

type Connected = { readonly provider: AccountProvider; readonly id: string };

async function connectAll(world: IntegrationProcesses): Promise<readonly Connected[]> {
  // They give refresh tokens to some apps alone.
  for (const id of ["slack", "linkedin"])
    await controlStandIn(world, `providers/${id}/settings`, { refresh_tokens: true });
  const connected: Connected[] = [];
  for (const provider of renewed) {
    const { integrationId } = await connectAccount(world, provider);
    if (integrationId === null) throw new Error(`${provider.id} isn't connected`);
    connected.push({ provider, id: integrationId });
  }
  return connected;
}

const refresh = (world: IntegrationProcesses, { id }: Connected) =>
  world.api("POST", `/integrations/${id}/refresh`);
const read = async (world: IntegrationProcesses, { id }: Connected) =>
  (await world.api("GET", `/integrations/${id}`)).body.data;
const listOf = async (world: IntegrationProcesses, userId: string) =>
  (await world.api("GET", `/integrations/user/${userId}?limit=200`)).body.data;

/** A browser that has consented, and is about to come back. */
async function beginConsent(world: IntegrationProcesses, provider: AccountProvider) {
  const traveller = createTraveller();
  const { body } = await initiate(world, provider, { userId: "late" });
  const page = await start(traveller, provider, body.data.authorizationUrl);
  return { traveller, back: await consentAt(traveller, page.location ?? "", {}) };
}

async function countLosses(databaseUrl: string): Promise<number> {
  const db = openDatabase(databaseUrl);
  try {
    const events = db.withTables<{ events: { kind: string; data: string } }>();
    const rows = await events
      .selectFrom("events")
      .select("data")
      .where("kind", "=", "integration.error")
      .execute();
    return rows.filter(({ data }) => data.includes('"is_lost":true')).length;
  } finally {
    await db.destroy();
  }
}

async function expectAfterKill(t: Test, world: IntegrationProcesses, connected: readonly Connected[]) {
  for (const one of connected)
    t.match(await read(world, one), { isActive: true, lastError: null, reconnectRequiredSince: null });
  // The killed process has a lease until it ends by itself.
  const answers = await Promise.all(connected.map((one) => refresh(world, one)));
  for (const [i, one] of connected.entries()) {
    const { name } = one.provider;
    const state = await read(world, one);
    if (isStrict(one.provider)) {
      t.match(answers[i], { status: 401, body: { error: { code: "TOKEN_EXPIRED" } } }, name);
      t.match(state, { reconnectRequiredSince: String, lastError: /Connect it again\.$/ }, name);
    } else {
      t.equal(answers[i]?.status, 200, `${name}: ${JSON.stringify(answers[i]?.body)}`);
      t.match(state, { isActive: true, lastError: null, reconnectRequiredSince: null }, name);
      t.equal((await refresh(world, one)).status, 200, `${name} goes on`);
    }
  }
  t.equal((await listOf(world, "user-1")).length, connected.length, "nothing is doubled");
  const lost = connected.filter(({ provider }) => isStrict(provider));
  t.equal(await countLosses(world.databaseUrl), lost.length, "each loss is told once");
  for (const one of lost) {
    t.equal((await connectAccount(world, one.provider)).integrationId, one.id, "a new consent helps");
    t.equal((await refresh(world, one)).status, 200);
    t.match(await read(world, one), { lastError: null, reconnectRequiredSince: null });
  }
}

for (const engine of engines)
  t.test(`killed between the providers' answers and their save (${engine})`, async (t) => {
    const world = await createIntegrationProcesses(t, engine);
    const first = await world.start();
    const connected = await connectAll(world);
    t.ok(connected.some(({ provider }) => isStrict(provider)) && connected.length > 10);
    const consent = await beginConsent(world, providerOf("hubspot"));

    const behindLock = world.tokenAnswers.sendBehindLock(connected.length + 1);
    const cutOff = [...connected.map((one) => refresh(world, one)), consent.traveller.go(consent.back)].map(
      (answer) =>
        answer.then(
          () => "answered",
          () => "cut off",
        ),
    );
    const unlock = await behindLock;
    await first.end("SIGKILL");
    t.ok(
      (await Promise.all(cutOff)).every((one) => one === "cut off"),
      "nobody was answered",
    );
    await unlock();

    await world.start();
    t.strictSame(await listOf(world, "late"), [], "of the consent nothing is stored");
    await expectAfterKill(t, world, connected);
    const again = await consent.traveller.go(consent.back);
    t.match(again.location, /success=false&error=OAUTH_FAILED/, "its code was spent");
    const { integrationId } = await connectAccount(world, providerOf("hubspot"), { userId: "late" });
    t.match(await listOf(world, "late"), [{ id: integrationId, isActive: true }]);
    t.equal((await listOf(world, "late")).length, 1);
  });
