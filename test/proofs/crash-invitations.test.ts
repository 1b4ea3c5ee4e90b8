import { setTimeout as sleep } from "node:timers/promises";
import t from "tap";
import { testedProvider, testOtherProviders } from "../support/calendar-providers.ts";
import { comingMonday } from "../support/coming-monday.ts";
import { killAndRestart, startWithShortHolds } from "../support/kill-and-restart.ts";
import type { Moment } from "../support/kill-during.ts";
import { createProcessWorld } from "../support/process-world.ts";

const provider = testedProvider(import.meta.url);

const monday = comingMonday();
const [oldTime, newTime] = [`${monday}T09:00:00-05:00`, `${monday}T10:00:00-05:00`];
const ana = { attendee_name: "Ana", attendee_email: "ana@example.com" };
const schedule = { invite_attendees: true };

/** What a slow machine may take to start a process and to sweep. */
const settledMs = 20_000;

const moments: Record<string, Moment> = {
  "the look at the event after the confirmation": { call: "get", fate: "lost" },
  "the invitation, which Google never gets": { call: "patch", fate: "lost" },
  "the invitation, which Google does after the kill": { call: "patch", fate: "late" },
  "the invitation, which Google has done": { call: "patch", fate: "unheard" },
};

const world = await createProcessWorld(t, { provider });
const first = await startWithShortHolds(world);

async function toBook(customer: string) {
  await first.connect(customer, schedule);
  return { customer, tool: "book", args: { start_iso: newTime, ...ana, idempotency_key: "k1" } };
}

/** An appointment in the calendar of an account that isn't connected any more is to be written anew. */
async function toRewrite(customer: string) {
  await first.connect(customer, schedule);
  const { answer } = await first.call(customer, "book", { start_iso: oldTime, ...ana });
  await first.changeAccount(customer);
  const args = { booking_id: answer.booking_id, start_iso: newTime };
  return { customer, tool: "reschedule_booking", args };
}

type Mail = { to: string; event_id: string; about: string };

/** What was mailed about the events in the calendar that is connected now. */
async function mailsOf(customer: string): Promise<Mail[]> {
  return (await world.sandbox("GET", `mails?email=${customer}@example.com`)).mails;
}

async function invitationOf(customer: string): Promise<string | null | undefined> {
  const [booking] = await second.bookings(customer);
  return booking?.invitation;
}

const cases = await Promise.all(
  Object.entries(moments).flatMap(([name, moment], i) => [
    toBook(`booked-${i}`).then((call) => ({ ...call, name: `a booking at ${name}`, moment })),
    toRewrite(`anew-${i}`).then((call) => ({ ...call, name: `writing anew at ${name}`, moment })),
  ]),
);
const { answered, second } = await killAndRestart(world, first, cases);

t.test("each was killed after its booking was confirmed", async (t) => {
  t.equal(answered, 0);
});

for (const { name, customer, tool, args } of cases) {
  t.test(`killed during ${name}: the booking stands, and its attendee is invited exactly once`, async (t) => {
    const deadline = Date.now() + settledMs;
    while ((await invitationOf(customer)) === "pending" && Date.now() < deadline) await sleep(50);
    t.equal(await invitationOf(customer), "sent");
    const [event, ...others] = await world.events(customer);
    t.match(event, { start: Date.parse(newTime) });
    t.strictSame(others, []);
    const invitations = [{ to: ana.attendee_email, event_id: event?.id, about: "invitation" }];
    t.strictSame(await mailsOf(customer), invitations);
    const repeated = await second.call(customer, tool, args);
    t.match(repeated, { answer: { status: "confirmed", start: newTime } });
    t.equal(repeated.answer.note, undefined);
    t.strictSame(await mailsOf(customer), invitations, "also where the request is repeated");
  });
}

testOtherProviders(import.meta.url);
