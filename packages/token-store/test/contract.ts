import type { Database } from "@cita/database";
import type { Test } from "tap";
import { createKeyRing, generateFernetKey } from "../src/index.ts";
import { calendarStateTests } from "./contract-calendar-states.ts";
import { connectionTests } from "./contract-connections.ts";
import { consentAttemptTests } from "./contract-consent-attempts.ts";
import { consentLinkTests } from "./contract-consent-links.ts";
import { sealingTests } from "./contract-sealing.ts";
import { type OpenedStore, openStore } from "./fixtures.ts";

const contract = {
  ...consentLinkTests,
  ...consentAttemptTests,
  ...connectionTests,
  ...sealingTests,
  ...calendarStateTests,
};

/**
 * What every database has to pass, written against the contract alone.
 * @param openDatabase an empty database, closed at the test's end.
 */
export function testTokenStore(t: Test, openDatabase: (t: Test) => Promise<Database>): void {
  const open = async (t: Test): Promise<OpenedStore> => {
    const db = await openDatabase(t);
    const clock = { now: new Date("2026-11-22T12:00:00Z") };
    const keys = createKeyRing(generateFernetKey());
    return { store: await openStore({ db, keys, now: () => clock.now }), db, clock };
  };
  for (const [name, test] of Object.entries(contract)) t.test(name, async (t) => test(t, await open(t)));
}
