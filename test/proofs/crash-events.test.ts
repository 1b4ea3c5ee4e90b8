import { setTimeout as sleep } from "node:timers/promises";
import { activityKinds } from "@cita/events/kinds";
import t from "tap";
import { beginConsent, type ConsentAnswer } from "../support/begin-consent.ts";
import { isRepeated, testedProvider, testOtherProviders } from "../support/calendar-providers.ts";
import { comingMonday } from "../support/coming-monday.ts";
import { countEvents, findUntold } from "../support/event-agreement.ts";
import { grantWithoutRefreshToken } from "../support/grant-without-refresh-token.ts";
import { type CalendarProcess, createProcessWorld } from "../support/process-world.ts";
import { engineOfRun } from "../support/test-database.ts";
import { serviceKey } from "../support/test-keys.ts";

const provider = testedProvider(import.meta.url);
/** postgres-crash-events.test.ts runs this file again. */
const isOnPostgres = new URL(import.meta.url).searchParams.get("engine") === "postgres";

/*
 * A deed and its event are one transaction. A process is killed right before an event of each kind is written, right
 * after, and right after the commit: what the database has then agrees, and the deed was done where its event is there.
 */

const ten = `${comingMonday()}T10:00:00-05:00`;
const eleven = `${comingMonday()}T11:00:00-05:00`;

async function manage(
  service: CalendarProcess,
  method: string,
  path: string,
  body?: object,
): Promise<{ key_id: number; shareable_link: string }> {
  const response = await fetch(`${service.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${serviceKey}`, ...(body && { "content-type": "application/json" }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  return (await response.json()) as { key_id: number; shareable_link: string };
}

const book = async (service: CalendarProcess, customer: string) =>
  (await service.call(customer, "book", { start_iso: ten, attendee_name: "Ana" })).answer;

/** Follows the link of a customer at one of the processes, up to the provider's question. */
async function begin(service: CalendarProcess, customer: string) {
  const { shareable_link } = await manage(living, "POST", "/oauth/authorize", { customer_id: customer });
  return beginConsent(service.url + new URL(shareable_link).pathname, provider);
}

const consent = async (service: CalendarProcess, customer: string, answer?: ConsentAnswer) =>
  (await begin(service, customer)).answer(answer);

/** What a person's own agent asks for: each of these is somebody else. */
const callAs = (person: number, service: CalendarProcess, customer: string, tool: string, args: object) =>
  service.call(customer, tool, args, { "x-attendee-phone": `+57 300 123 ${4000 + person}` });

/** Of one customer, by persons, in an hour. */
const maxCancellations = 30;

async function bookAs(person: number, customer: string): Promise<string> {
  const asked = { start_iso: ten, attendee_name: "Ana" };
  return (await callAs(person, living, customer, "book", asked)).answer.booking_id;
}

const issueLink = (service: CalendarProcess, customer: string, more: object = {}) =>
  manage(service, "POST", "/oauth/authorize", {
    ...{ customer_id: customer, customer_email: `${customer}@example.com` },
    ...more,
  });

const look = (service: CalendarProcess, customer: string) =>
  service.call(customer, "get_available_slots", { date_iso: comingMonday() });

type Case = {
  /** `link`: it has a link, and no calendar. Default: its calendar is connected. */
  readonly customer?: "new" | "link";
  /** Done by a process that lives. @returns what the deed needs to know. */
  readonly prepare?: (service: CalendarProcess, customer: string) => Promise<unknown>;
  readonly deed: (service: CalendarProcess, customer: string, prepared: unknown) => Promise<unknown>;
};

const [weekMs, soonMs] = [7 * 86_400_000, 5_000];

const bookFirst: Required<Case>["prepare"] = async (service, customer) =>
  (await book(service, customer)).booking_id;

const cases: Readonly<Record<string, Case>> = {
  link_issued: { customer: "new", deed: (service, customer) => issueLink(service, customer) },
  link_revoked: {
    customer: "link",
    deed: (service, customer) => issueLink(service, customer, { renew: true }),
  },
  link_opened: { customer: "link", deed: (service, customer) => consent(service, customer) },
  consent_access_denied: {
    customer: "link",
    deed: (service, customer) => consent(service, customer, { action: "deny" }),
  },
  consent_scope_missing: {
    customer: "link",
    deed: (service, customer) => consent(service, customer, { granted: [] }),
  },
  consent_wrong_account: {
    customer: "link",
    deed: (service, customer) => consent(service, customer, { account: "mallory@example.com" }),
  },
  consent_wrong_provider: {
    customer: "link",
    deed: async (service, customer) => (await begin(service, customer)).comeFromElsewhere(),
  },
  consent_exchange_failed: {
    customer: "link",
    async deed(service, customer) {
      await world.fault("token", { status: 500 });
      await consent(service, customer).finally(() => world.sandbox("DELETE", "faults"));
    },
  },
  consent_link_revoked: {
    customer: "link",
    async deed(service, customer) {
      const begun = await begin(service, customer);
      await issueLink(living, customer, { renew: true });
      await begun.answer();
    },
  },
  consent_link_expired: {
    customer: "link",
    async deed(service, customer) {
      await issueLink(aWeekBehind, customer, { renew: true });
      const end = Date.now() + soonMs;
      const begun = await begin(service, customer);
      await sleep(Math.max(0, end - Date.now()));
      await begun.answer();
    },
  },
  consent_link_used: {
    customer: "link",
    async prepare(service, customer) {
      await world.sandbox("POST", "accounts", { email: `other-${customer}@example.com`, events: [] });
      await issueLink(service, customer, { any_account: true, renew: true });
    },
    async deed(service, customer) {
      const begun = await begin(service, customer);
      await consent(living, customer, { account: `other-${customer}@example.com` });
      await begun.answer({ account: `${customer}@example.com` });
    },
  },
  ...(!isRepeated(provider) && {
    consent_no_refresh_token: {
      customer: "link",
      async deed(service, customer) {
        await world.fault("token", {
          status: 200,
          body: grantWithoutRefreshToken(`${customer}@example.com`, Date.now()),
        });
        await consent(service, customer).finally(() => world.sandbox("DELETE", "faults"));
      },
    },
  }),
  connected: { customer: "link", deed: (service, customer) => consent(service, customer) },
  calendar_answered: { customer: "link", deed: (service, customer) => consent(service, customer) },
  calendar_state_changed: {
    async deed(service, customer) {
      await world.fault("any", provider.accountRefusal);
      await look(service, customer).finally(() => world.sandbox("DELETE", "faults"));
    },
  },
  reconnect_required: {
    prepare: (_, customer) => world.sandbox("POST", "revoke", { email: `${customer}@example.com` }),
    deed: look,
  },
  disconnected: {
    deed: (service, customer) => manage(service, "DELETE", `/customers/${customer}/connection`),
  },
  bookings_stranded: {
    async prepare(service, customer) {
      await book(service, customer);
      await world.sandbox("POST", "accounts", { email: `other-${customer}@example.com`, events: [] });
      await issueLink(service, customer, { any_account: true });
    },
    deed: (service, customer) => consent(service, customer, { account: `other-${customer}@example.com` }),
  },
  "rescheduled by hand": {
    async prepare(service, customer) {
      const { event_id } = await book(service, customer);
      const owner = await world.signInOwner(customer);
      await owner.change(event_id, { start: eleven, end: `${comingMonday()}T11:30:00-05:00` });
    },
    deed: (service, customer) => service.call(customer, "list_bookings", {}),
  },
  "cancelled by hand": {
    async prepare(service, customer) {
      const { event_id } = await book(service, customer);
      await (await world.signInOwner(customer)).remove(event_id);
    },
    deed: (service, customer) => service.call(customer, "list_bookings", {}),
  },
  booked: { deed: book },
  rescheduled: {
    prepare: bookFirst,
    deed: (service, customer, booking_id) =>
      service.call(customer, "reschedule_booking", { booking_id, start_iso: eleven }),
  },
  cancelled: {
    prepare: bookFirst,
    deed: (service, customer, booking_id) => service.call(customer, "cancel_booking", { booking_id }),
  },
  cancellations_stopped: {
    async prepare(service, customer) {
      let last = "";
      for (let person = 0; person <= maxCancellations; person++) {
        last = await bookAs(person, customer);
        if (person < maxCancellations)
          await callAs(person, service, customer, "cancel_booking", { booking_id: last });
      }
      return last;
    },
    deed: (service, customer, booking_id) =>
      callAs(maxCancellations, service, customer, "cancel_booking", { booking_id }),
  },
  schedule_changed: {
    deed: (service, customer) =>
      manage(service, "PUT", `/customers/${customer}/schedule`, { slot_interval_minutes: 15 }),
  },
  agent_key_created: {
    deed: (service, customer) =>
      manage(service, "POST", `/customers/${customer}/agent-keys`, { name: "Bot" }),
  },
  agent_key_revoked: {
    prepare: async (service, customer) =>
      (await manage(service, "POST", `/customers/${customer}/agent-keys`, { name: "Bot" })).key_id,
    deed: (service, customer, key) => manage(service, "DELETE", `/customers/${customer}/agent-keys/${key}`),
  },
};

const world = await createProcessWorld(t, { provider, engine: isOnPostgres ? "postgres" : engineOfRun });
const living = await world.start("test/fixtures/hasty-calendar-service.ts", { HOLD_MS: "4000" });

/** The links that it issues, for a week by its own clock, end soon. */
const aWeekBehind = await world.start("test/fixtures/hasty-calendar-service.ts");
aWeekBehind.stepClock(soonMs - weekMs);

/** A customer as the case wants it, known to the process that lives. */
async function makeCustomer(customer: string, known: Case["customer"]): Promise<void> {
  if (known === undefined) return living.connect(customer);
  const email = `${customer}@example.com`;
  await world.sandbox("POST", "accounts", { email, time_zone: "America/Bogota", events: [] });
  if (known === "link") await issueLink(living, customer);
}

const moments = {
  before: "before it is inserted",
  inserted: "once it is inserted",
  committed: "once it is committed",
};

const kinds = Object.keys(cases);

/** Of a file that is repeated, each kind at one moment, and each moment in its turn. */
const isAgain = isRepeated(provider) || isOnPostgres;
const momentsOf = (index: number) => Object.entries(moments).filter((_, i) => !isAgain || i === index % 3);

t.setTimeout(280_000);

t.test("there is no kind of event at which it isn't killed", async (t) => {
  const tested = kinds.map((name) => name.replace(" by hand", ""));
  const ofTheService = [...activityKinds, "calendar_answered", "link_opened"];
  const missing = ofTheService.filter((kind) => !tested.includes(kind));
  t.strictSame(missing, isRepeated(provider) ? ["consent_no_refresh_token"] : []);
});

for (const [i, [name, { customer: known, prepare, deed }]] of Object.entries(cases).entries()) {
  const kind = name.replace(" by hand", "");
  for (const [moment, when] of momentsOf(i)) {
    t.test(`${name}, killed ${when}`, async (t) => {
      const customer = `${name}-${moment}`.replaceAll(/[_ ]/g, "-");
      await makeCustomer(customer, known);
      const prepared = await prepare?.(living, customer);
      const earlier = await countEvents(world.databaseUrl, customer, kind);
      const dying = await world.start("test/fixtures/dying-calendar-service.ts", {
        ...{ HOLD_MS: "4000", DIE_OF: kind, DIE_WHEN: moment },
      });
      await t.rejects(deed(dying, customer, prepared), "it was killed");
      t.strictSame(await findUntold(world.databaseUrl), []);
      t.equal(
        (await countEvents(world.databaseUrl, customer, kind)) - earlier,
        moment === "committed" ? 1 : 0,
      );
      await dying.end("SIGKILL");
    });
  }
}

t.test("what was cut short is settled, and everything is told", async (t) => {
  const deadline = performance.now() + 20_000;
  const cut = ["before", "inserted"].filter((moment) =>
    momentsOf(kinds.indexOf("booked")).some(([m]) => m === moment),
  );
  for (const customer of cut.map((moment) => `booked-${moment}`)) {
    while ((await book(living, customer))?.status !== "confirmed" && performance.now() < deadline);
    t.equal((await world.events(customer)).length, 1, "one event in the calendar");
  }
  t.strictSame(await findUntold(world.databaseUrl), []);
});

if (!isOnPostgres) testOtherProviders(import.meta.url);
