import { accountProviders } from "@cita/providers/accounts";
import { generateFernetKey } from "@cita/token-store";
import t, { type Test } from "tap";
import { connectAccount } from "./support/account-consent.ts";
import { runScript } from "./support/command.ts";
import { createIntegrationsWorld } from "./support/integrations-world.ts";
import { fingerprintOf } from "./support/stored-connections.ts";
import { createWorld, type World } from "./support/world.ts";

// Under load, killed in the middle, with rows that are damaged or lost: test/proofs/keys.test.ts.

const [older, newer, lost] = [generateFernetKey(), generateFernetKey(), generateFernetKey()] as const;
const slots = (world: World) => world.call("luna", "get_available_slots", { date_iso: "2027-01-18" });

/** `npm run keys`, which says no key but a new one. */
async function runKeys(
  t: Test,
  { databases, folder }: World,
  { keyRing, args, env = {} }: { keyRing: string; args: string[]; env?: Record<string, string> },
) {
  const variables = { TOKEN_ENCRYPTION_KEY: keyRing, DATABASE_URL: databases.mcp, ...env };
  const command = runScript(t, "scripts/keys.ts", { cwd: folder, env: variables, args });
  const code = await command.ended;
  for (const key of keyRing.split(",")) t.notMatch(command.output(), key, "a key isn't printed");
  return { code, text: command.output() };
}

const answered = { answer: { slots: Array } };

t.test("a new key takes an old one's place while the service runs", async (t) => {
  const variables = { TOKEN_ENCRYPTION_KEY: older };
  const world = await createWorld(t, { variables });
  await world.connected("luna");
  const keys = (keyRing: string, ...args: string[]) => runKeys(t, world, { keyRing, args });
  const both = `${newer},${older}`;
  t.match(await keys(older, "generate"), {
    code: 0,
    text: /^[\w-]{43}=\n[\s\S]*FIRST in TOKEN_ENCRYPTION_KEY/,
  });

  variables.TOKEN_ENCRYPTION_KEY = both;
  await world.restart();
  const status = await keys(both, "status");
  t.match(status, { code: 0, text: /npm run keys -- rotate/ });
  t.match(status.text, new RegExp(`2\\. ${fingerprintOf(older)}  connections: 1, links: 0`));
  const rotated = await keys(both, "rotate");
  t.match(rotated, { code: 0, text: `Nothing needs ${fingerprintOf(older)} any more` });
  t.match(await slots(world), answered);

  variables.TOKEN_ENCRYPTION_KEY = newer;
  await world.restart();
  t.match(await slots(world), answered, "the new key alone opens everything");

  variables.TOKEN_ENCRYPTION_KEY = lost;
  await t.rejects(world.restart(), {
    code: "keys_missing",
    message: new RegExp(`${fingerprintOf(newer)} seals 1 connection`),
  });
});

const hubspot = accountProviders.find(({ id }) => id === "hubspot");

t.test("what integrations has sealed is sealed anew with the rest, or given up with it", async (t) => {
  if (hubspot === undefined) throw new Error("there is no HubSpot");
  const calendars = await createWorld(t, { variables: { TOKEN_ENCRYPTION_KEY: newer } });
  const world = await createIntegrationsWorld(t, { variables: { TOKEN_ENCRYPTION_KEY: older } });
  const { integrationId: id } = await connectAccount(world, hubspot, { userId: "ana" });
  const env = { INTEGRATIONS_DATABASE_URL: world.databaseUrl };
  const keys = (keyRing: string, ...args: string[]) => runKeys(t, calendars, { keyRing, args, env });
  const renew = () => world.api("POST", `/integrations/${id}/refresh`);
  const both = `${newer},${older}`;

  await world.restart({ TOKEN_ENCRYPTION_KEY: both });
  const status = await keys(both, "status");
  t.match(status, { code: 0, text: "Restart every mcp-calendar and every integrations if its keys" });
  t.match(status.text, `2. ${fingerprintOf(older)}  connections: 0, links: 0; integrations: 1`);
  t.notMatch(status.text, "Nothing needs", "a key that one service needs isn't free");
  t.match(await keys(both, "rotate"), { code: 0, text: `Nothing needs ${fingerprintOf(older)} any more` });
  t.match(await renew(), { status: 200 }, "while it runs");
  await world.restart({ TOKEN_ENCRYPTION_KEY: newer });
  t.match(await renew(), { status: 200 }, "the new key alone opens everything");

  await t.rejects(world.restart({ TOKEN_ENCRYPTION_KEY: lost }), {
    code: "keys_missing",
    message: new RegExp(`has none of the keys[^]*${fingerprintOf(newer)} seals 1 connection`),
  });
  t.match(await keys(lost, "status"), { code: 1, text: "integrations won't start without it." });
  t.match(await keys(lost, "rotate"), {
    code: 1,
    text: `Owners of integrations whose rows need key ${fingerprintOf(newer)}`,
  });
  t.match(await keys(newer, "forget", fingerprintOf(newer)), { code: 1, text: /is not deleted/ });
  t.match(await keys(lost, "forget", fingerprintOf(newer)), {
    code: 0,
    text: /Each of these has to connect its accounts again, and to rotate its webhooks' secrets: user:ana\n/,
  });
  await world.restart({ TOKEN_ENCRYPTION_KEY: lost });
  const { body } = await world.api("GET", `/integrations/${id}`);
  t.match(body, { data: { isActive: false } });
});
