import t from "tap";
import { forEachDatabase } from "../../../test/support/test-database.ts";
import { createKeyRing, generateFernetKey } from "../src/index.ts";
import { calendarStateTests } from "./contract-calendar-states.ts";
import { concurrencyTests } from "./contract-concurrency.ts";
import { connectionTests } from "./contract-connections.ts";
import { consentAttemptTests } from "./contract-consent-attempts.ts";
import { consentLinkTests } from "./contract-consent-links.ts";
import { sealingTests } from "./contract-sealing.ts";
import { alice, connect, openStore } from "./fixtures.ts";

/** What every database has to pass, written against the contract alone. */
const contract = {
  ...consentLinkTests,
  ...consentAttemptTests,
  ...connectionTests,
  ...sealingTests,
  ...calendarStateTests,
  ...concurrencyTests,
};

for (const [name, test] of Object.entries(contract)) {
  forEachDatabase(t, name, async (t, database) => {
    const clock = { now: new Date("2026-11-22T12:00:00Z") };
    const keys = createKeyRing(generateFernetKey());
    const open = async () => {
      const db = database.open();
      return { db, store: await openStore({ db, keys, now: () => clock.now }) };
    };
    await test(t, { ...(await open()), clock, openOther: async () => (await open()).store });
  });
}

forEachDatabase(t, "ten processes open an empty database at once", async (t, database) => {
  const keys = createKeyRing(generateFernetKey());
  const opening = Array.from({ length: 10 }, () => openStore({ db: database.open(), keys }));
  const [first, ...others] = await Promise.all(opening);
  if (first === undefined) throw new Error("there are ten");
  await connect(first, "alice");
  for (const store of others) t.match(await store.connections.find(alice), { accessToken: "ya29.alice" });
});
