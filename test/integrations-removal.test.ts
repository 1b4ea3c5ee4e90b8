import t from "tap";
import { connectAccount, consentAt, createTraveller, initiate, start } from "./support/account-consent.ts";
import { providerOf } from "./support/account-faults.ts";
import { forEachIntegrationsWorld, type IntegrationsWorld } from "./support/integrations-world.ts";
import { serviceKey } from "./support/test-keys.ts";

const hubspot = providerOf("hubspot");

const tell = (world: IntegrationsWorld, type: string, data: object) =>
  world.api("POST", "/events", { type, data }, serviceKey);

/** Whose events there are: of customers, and of people's own. */
async function eventOwners({ services }: IntegrationsWorld): Promise<readonly string[]> {
  const events = await services.events.page({ limit: 200 });
  const owners = events.map(({ customerId, data }) => customerId ?? `${Reflect.get(data, "user_id")}`);
  return [...new Set(owners)].sort();
}

forEachIntegrationsWorld(t, "who is removed leaves no event behind", {}, async (t, world) => {
  // Each is a part of the next, or would be a pattern.
  const people = ["user-1", "user-12", "user-1_", "user-%", 'user-1"', "user-1\\"];
  for (const userId of people) await connectAccount(world, hubspot, { userId });
  for (const organizationId of ["luna", "sol"])
    await connectAccount(world, hubspot, { userId: "user-1", organizationId });
  t.strictSame(await eventOwners(world), [...people, "luna", "sol"].sort());
  for (const [i, userId] of people.entries()) {
    t.match(await tell(world, "user.deleted", { userId }), { status: 200, body: { data: { removed: 1 } } });
    t.strictSame(await eventOwners(world), [...people.slice(i + 1), "luna", "sol"].sort(), userId);
  }
  t.match(await tell(world, "customer.deleted", { organizationId: "luna" }), { status: 200 });
  t.strictSame(await eventOwners(world), ["sol"]);
  const { body } = await world.api("GET", "/integrations/user/user-1");
  t.match(body.data, [{ organizationId: "sol", isActive: true }]);
  t.equal(body.data.length, 1);
});

forEachIntegrationsWorld(
  t,
  "who is removed during a consent is connected to nothing",
  {},
  async (t, world) => {
    for (const owner of [{}, { organizationId: "luna" }]) {
      const traveller = createTraveller();
      const { body } = await initiate(world, hubspot, owner);
      const page = await start(traveller, hubspot, body.data.authorizationUrl);
      const back = await consentAt(traveller, page.location ?? "", {});
      const [ended] = await Promise.all([
        traveller.go(back),
        tell(world, "user.deleted", { userId: "user-1" }),
      ]);
      // Whichever was first: a connection for a customer is the customer's.
      t.ok(ended.status === 303 || ended.status === 400, `${ended.status}`);
      await tell(world, "user.deleted", { userId: "user-1" });
      const left = await world.api("GET", "/integrations/user/user-1");
      t.ok(left.body.data.every((one: { organizationId: string | null }) => one.organizationId === "luna"));
      t.match(await traveller.go(back), { status: 400, location: null });
    }
  },
);
