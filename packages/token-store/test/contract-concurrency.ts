import type { Database } from "@cita/database";
import { sql } from "kysely";
import type { ConsentAttempt, TokenStore } from "../src/index.ts";
import {
  alice,
  type ContractTests,
  connect,
  findConnection,
  google,
  grantOf,
  hourMs,
  type OpenedStore,
  openEvents,
  request,
  returnedAttempt,
  target,
} from "./fixtures.ts";

/** Calls `act` twenty times at once, in two processes as far as the database knows. @returns its results */
async function atOnce<T>(
  { store, openOther }: OpenedStore,
  act: (store: TokenStore, i: number) => Promise<T>,
): Promise<T[]> {
  const other = await openOther();
  return Promise.all(Array.from({ length: 20 }, (_, i) => act(i % 2 === 0 ? store : other, i)));
}

/** How many of those that were tried did what only one may. */
const count = (results: readonly unknown[]) => results.filter(Boolean).length;

/** The kinds of all events, oldest first. */
async function kindsIn(db: Database): Promise<string[]> {
  const events = await openEvents(db);
  return (await events.page({ limit: 200 })).map(({ kind }) => kind).reverse();
}

const liveLinks = async (db: Database) =>
  (await sql`select 1 from consent_links where used_at is null and revoked_at is null`.execute(db)).rows
    .length;

/** `true` where a consent was completed, `false` where its link had changed. */
const isCompleted = (completing: Promise<void>) =>
  completing.then(
    () => true,
    (error: { code?: string }) => {
      if (error.code !== "consent_link_changed") throw error;
      return false;
    },
  );

/** What has to hold where many do the same at once, in several processes. */
export const concurrencyTests: ContractTests = {
  "twenty who ask for a customer's link at once get one link": async (t, opened) => {
    const links = await atOnce(opened, (store) => store.consentLinks.issue(request));
    t.equal(new Set(links.map(({ token }) => token)).size, 1);
    t.strictSame(await kindsIn(opened.db), ["link_issued"]);
  },

  "twenty who renew a customer's link at once leave one live link": async (t, opened) => {
    const links = await atOnce(opened, (store) => store.consentLinks.issue({ ...request, renew: true }));
    t.equal(new Set(links.map(({ token }) => token)).size, 20);
    t.equal(await liveLinks(opened.db), 1);
    const { link } = (await opened.store.consentLinks.latest("alice")) ?? {};
    t.equal(link?.state, "live");
    const kinds = await kindsIn(opened.db);
    t.strictSame(kinds, [
      "link_issued",
      ...Array.from({ length: 19 }, () => ["link_revoked", "link_issued"]).flat(),
    ]);
  },

  "of twenty who come back with one state at once one is let in": async (t, opened) => {
    const link = await opened.store.consentLinks.issue(request);
    await opened.store.consentLinks.startAttempt(link, "state", target);
    const found = await atOnce(opened, (store) => store.consentLinks.consumeState("state", hourMs));
    t.equal(count(found), 1);
  },

  "twenty who begin an attempt at once leave the newest": async (t, opened) => {
    const link = await opened.store.consentLinks.issue(request);
    for (let i = 0; i < 10; i++) await opened.store.consentLinks.startAttempt(link, `early-${i}`, target);
    await atOnce(opened, (store, i) => store.consentLinks.startAttempt(link, `state-${i}`, target));
    const found = Array.from({ length: 20 }, (_, i) => opened.store.consentLinks.findByState(`state-${i}`));
    t.equal(count(await Promise.all(found)), 20);
    t.equal(await opened.store.consentLinks.findByState("early-9"), undefined);
  },

  "of twenty consents by one link that end at once one is completed": async (t, opened) => {
    const { store, db } = opened;
    const link = await store.consentLinks.issue(request);
    const attempts: ConsentAttempt[] = [];
    for (let i = 0; i < 20; i++) attempts.push(await returnedAttempt(store, link));
    const completed = await atOnce(opened, (store, i) => {
      const attempt = attempts[i];
      if (attempt === undefined) throw new Error("there are twenty");
      return isCompleted(store.completeConsent(attempt, grantOf(`account-${i}`)));
    });
    t.equal(count(completed), 1);
    const { accessToken } = await findConnection(store, "alice");
    t.equal(accessToken, `ya29.account-${completed.indexOf(true)}`);
    t.strictSame(await kindsIn(db), ["link_issued", "link_opened", "connected"]);
  },

  "consents, disconnections and renewals at once end in what the last event says": async (t, opened) => {
    const { store, db } = opened;
    await connect(store, "alice");
    await atOnce(opened, async (store, i) => {
      if (i % 5 === 0) await store.disconnect("alice", true);
      else if (i % 5 === 1) await store.consentLinks.issue({ ...request, renew: true });
      else {
        const attempt = await returnedAttempt(store, await store.consentLinks.issue(request));
        await isCompleted(store.completeConsent(attempt, grantOf(i % 2 === 0 ? "alice" : "other")));
      }
    });
    const kinds = (await kindsIn(db)).filter((kind) => ["connected", "disconnected"].includes(kind));
    const connections = await store.connections.statuses(["alice"]);
    t.equal(connections.length, kinds.at(-1) === "connected" ? 1 : 0, kinds.join());
    t.ok((await liveLinks(db)) <= 1);
  },

  "of twenty who want the lease at once one gets it, and of twenty who save one is stored": async (
    t,
    opened,
  ) => {
    await connect(opened.store, "alice");
    const read = await findConnection(opened.store, "alice");
    const until = new Date("2026-11-22T12:00:08Z");
    const leases = await atOnce(opened, (store, i) =>
      store.connections.acquireRefreshLease(read, `owner-${i}`, until),
    );
    t.equal(count(leases), 1);
    const tokenExpiry = new Date("2026-11-22T14:00:00Z");
    const saved = await atOnce(opened, (store, i) =>
      store.connections.saveRefreshed(read, { accessToken: `ya29.${i}`, tokenExpiry, renewAt: null }),
    );
    t.equal(count(saved), 1);
    t.match(await opened.store.connections.find(alice), { accessToken: `ya29.${saved.indexOf(true)}` });
  },

  "twenty who notice a loss at once record it once, with one link": async (t, opened) => {
    await connect(opened.store, "alice");
    const read = await findConnection(opened.store, "alice");
    const lost = await atOnce(opened, (store) => store.connections.requireReconnect(read, "invalid_grant"));
    t.equal(count(lost), 1);
    t.equal(await liveLinks(opened.db), 1);
    const kinds = await kindsIn(opened.db);
    t.strictSame(kinds, ["link_issued", "link_opened", "connected", "reconnect_required", "link_issued"]);
  },

  "calendars that are due are each taken once, by twenty who take some at once": async (t, opened) => {
    const customers = Array.from({ length: 30 }, (_, i) => `customer-${i}`);
    for (const customer of customers) await connect(opened.store, customer);
    const { clock } = opened;
    const dueAgain = new Date(clock.now.getTime() + 600_000);
    const query = { limit: 2, dueAgain, latestDue: new Date(clock.now.getTime() + 900_000) };
    const taken = await atOnce(opened, (store) => store.calendarStates.takeDue("google", query));
    const again = await opened.store.calendarStates.takeDue("google", { ...query, limit: 30 });
    const ids = [...taken.flat(), ...again].map(({ customerId }) => customerId);
    t.strictSame(ids.sort(), customers.sort(), "none twice, and none is passed over");
    t.ok(taken.every((some) => some.length <= 2));
  },

  "idle accesses are each taken once": async (t, opened) => {
    const customers = Array.from({ length: 20 }, (_, i) => `customer-${i}`);
    for (const customer of customers) await connect(opened.store, customer);
    opened.clock.now = new Date("2027-01-22T12:00:00Z");
    const taken = await atOnce(opened, (store) => store.connections.takeDueForRenewal("google", 2));
    const again = await opened.store.connections.takeDueForRenewal("google", 20);
    t.strictSame([...taken.flat(), ...again].map(({ customerId }) => customerId).sort(), customers.sort());
  },

  "twenty purges at once remove what is due once": async (t, opened) => {
    const { store, clock } = opened;
    const link = await store.consentLinks.issue(request);
    for (let i = 0; i < 15; i++) await store.consentLinks.startAttempt(link, `state-${i}`, target);
    clock.now = new Date(clock.now.getTime() + hourMs);
    const due = { startedBefore: clock.now, unreturnedBefore: clock.now };
    const removed = await atOnce(opened, (store) => store.consentLinks.purgeAttempts(due, 4));
    const left = await store.consentLinks.purgeAttempts(due, 20);
    t.equal(
      removed.reduce((sum, some) => sum + some, left),
      15,
    );
  },

  "what is saved of a calendar's state at once with a new consent is of the connection before": async (
    t,
    { store },
  ) => {
    await connect(store, "alice");
    const record = await store.calendarStates.find(google("alice"));
    if (record === undefined) throw new Error("not connected");
    // At the same millisecond, as clocks of two processes may say.
    await connect(store, "alice");
    const state = { ...record.state, name: "ok" as const };
    t.equal(await store.calendarStates.replace(record, { ...record, state }), false);
  },
};
