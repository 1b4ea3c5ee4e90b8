import t, { type Test } from "tap";
import { agendaProvider } from "./support/other-provider/agenda-provider.ts";
import { registration } from "./support/other-provider/registration.ts";
import { createStandInControls } from "./support/stand-in-controls.ts";
import { createWorld } from "./support/world.ts";
import { createConsent } from "./support/world-callers.ts";

const monday = (time: string) => `2027-01-18T${time}:00-05:00`;
const customerPath = "/v1/customer-calendars/luna";

/** Google, and Agenda beside it. */
async function openBoth(t: Test) {
  const agendaCalls = agendaProvider.createCalls();
  const { url, variables } = await agendaProvider.start(t, agendaCalls, {});
  const { definitions: providers, calendarOpeners } = registration;
  const world = await createWorld(t, { providers, calendarOpeners, variables: { ...variables } });
  const agenda = createStandInControls(agendaProvider, url);

  async function connectAt(provider: string, customerId: string) {
    const { body } = await world.connect(customerId, { provider, any_account: true, renew: true });
    const consent = provider === "agenda" ? createConsent(agendaProvider) : world.consent;
    const page = await consent(body.shareable_link, { account: `${customerId}@example.com` });
    if (page.status !== 200) throw new Error(page.text);
  }

  /** What stands in each of a customer's two calendars. */
  async function shown(customerId: string) {
    const email = `${customerId}@example.com`;
    const say = (events: { title: string; start: number }[]) =>
      events.map(
        ({ title, start }) => `${title} ${new Date(start - 18_000_000).toISOString().slice(11, 16)}`,
      );
    return { google: say(await world.readEvents(email)), agenda: say(await agenda.readEvents(email)) };
  }

  const listed = async (customerId: string) =>
    (await world.call(customerId, "list_bookings", {})).answer.bookings.map(
      ({ start }: { start: string }) => start,
    );
  const book = async (customerId: string, time: string, more: object = {}) => {
    const request = { start_iso: monday(time), attendee_name: "Ana", ...more };
    const { answer, error } = await world.call(customerId, "book", request);
    if (error) throw new Error(JSON.stringify(error));
    return answer;
  };
  return { world, agenda, agendaCalls, connectAt, shown, listed, book };
}

t.test("businesses at two providers are served by the same tools, each at its own only", async (t) => {
  const { world, agenda, agendaCalls, connectAt, shown, listed, book } = await openBoth(t);
  await world.sandbox("POST", "accounts", { email: "sol@example.com", time_zone: "America/Bogota" });
  await agenda.sandbox("POST", "accounts", { email: "luna@example.com", time_zone: "America/Bogota" });
  await agenda.sandbox("POST", "accounts", { email: "sol@example.com" });
  await world.sandbox("POST", "accounts", { email: "luna@example.com" });
  await connectAt("google", "sol");
  await connectAt("agenda", "luna");
  for (const [customer, own, other] of [
    ["luna", agendaCalls, world.providerCalls],
    ["sol", world.providerCalls, agendaCalls],
  ] as const) {
    for (const calls of [own, other]) calls.take();
    const { booking_id } = await book(customer, "10:00");
    t.strictSame(own.take(), ["list", "insert", "list"], customer);
    const moved = await world.call(customer, "reschedule_booking", {
      booking_id,
      start_iso: monday("11:00"),
    });
    t.match(moved, { answer: { start: monday("11:00") } });
    t.strictSame(own.take(), ["get", "list", "patch", "list"]);
    t.strictSame(await listed(customer), [monday("11:00")]);
    t.strictSame(other.take(), [], "the other provider isn't asked");
  }
  t.strictSame(await shown("luna"), { google: [], agenda: ["Ana · Cita 11:00"] });
  t.strictSame(await shown("sol"), { google: ["Ana · Cita 11:00"], agenda: [] });
  const { answer: info } = await world.call("luna", "get_business_info", {});
  t.match(info, { timezone: "America/Bogota" });
});

t.test(
  "the other provider is connected while an insert is under way: nothing is booked at either",
  async (t) => {
    const { world, agenda, agendaCalls, connectAt, shown, listed, book } = await openBoth(t);
    for (const stand of [world, agenda])
      await stand.sandbox("POST", "accounts", { email: "luna@example.com", time_zone: "America/Bogota" });
    for (const [from, calls, to] of [
      ["google", world.providerCalls, "agenda"],
      ["agenda", agendaCalls, "google"],
    ] as const) {
      await connectAt(from, "luna");
      calls.after("insert", () => connectAt(to, "luna"));
      const { error } = await world.call("luna", "book", {
        start_iso: monday("10:00"),
        attendee_name: "Ana",
      });
      t.match(error, { code: "calendar_unavailable", retryable: true, next_step: /Repeat the same call/ });
      t.strictSame(await shown("luna"), { google: [], agenda: [] });
      t.strictSame(await listed("luna"), []);
      const { booking_id } = await book("luna", "10:00");
      t.strictSame(await shown("luna"), { google: [], agenda: [], [to]: ["Ana · Cita 10:00"] });
      await world.call("luna", "cancel_booking", { booking_id });
    }
  },
);

t.test("one provider's outage is none of the other's", async (t) => {
  const { world, agenda, connectAt, book } = await openBoth(t);
  for (const [provider, customer] of [
    ["google", "sol"],
    ["agenda", "luna"],
  ] as const) {
    await world.sandbox("POST", "accounts", { email: `${customer}@example.com` });
    await agenda.sandbox("POST", "accounts", { email: `${customer}@example.com` });
    await connectAt(provider, customer);
  }
  await agenda.fault("any", agendaProvider.accountRefusal);
  const asked = { date_iso: "2027-01-18" };
  t.match(await world.call("luna", "get_available_slots", asked), {
    error: { code: "calendar_unavailable" },
  });
  t.match(await book("sol", "10:00"), { status: "confirmed" });
  const { body } = await world.api("GET", customerPath);
  t.match(body.calendar_state, {
    state: "refused",
    message: /^The business's Agenda is closed\. The business has to open it/,
  });
});

t.test("a business that goes from one provider to another leaves stranded bookings behind", async (t) => {
  const { world, agenda, connectAt, shown, listed, book } = await openBoth(t);
  await world.sandbox("POST", "accounts", { email: "luna@example.com", time_zone: "America/Bogota" });
  await agenda.sandbox("POST", "accounts", { email: "luna@example.com", time_zone: "America/Bogota" });
  await connectAt("google", "luna");
  const schedule = { invite_attendees: true };
  await world.api("PUT", `${customerPath}/schedule`, schedule);
  const ten = await book("luna", "10:00");
  const noon = await book("luna", "12:00", { attendee_name: "Bea", attendee_email: "bea@example.com" });
  await connectAt("agenda", "luna");

  t.match((await world.api("GET", customerPath)).body, { provider: "agenda", stranded_bookings: 2 });
  t.match(await book("luna", "14:00", { attendee_name: "Cleo" }), { status: "confirmed" });
  const taken = { start_iso: monday("10:00"), attendee_name: "Eva" };
  t.match(
    await world.call("luna", "book", taken),
    { error: { code: "slot_taken" } },
    "they keep their times",
  );
  t.strictSame(await listed("luna"), [monday("10:00"), monday("12:00"), monday("14:00")]);
  t.strictSame(await shown("luna"), {
    google: ["Ana · Cita 10:00", "Bea · Cita 12:00"],
    agenda: ["Cleo · Cita 14:00"],
  });

  const { booking_id } = noon;
  const moved = await world.call("luna", "reschedule_booking", { booking_id, start_iso: monday("15:00") });
  t.match(moved, { answer: { booking_id, start: monday("15:00") } }, "it is written anew");
  const { mails } = await agenda.sandbox("GET", "mails?email=luna@example.com");
  t.match(mails, [{ to: "bea@example.com", about: "invitation" }]);
  t.equal(mails.length, 1);
  const cancelled = await world.call("luna", "cancel_booking", { booking_id: ten.booking_id });
  t.match(cancelled, { answer: { status: "cancelled" } });
  t.strictSame((await shown("luna")).agenda, ["Cleo · Cita 14:00", "Bea · Cita 15:00"]);
  t.match((await world.api("GET", customerPath)).body, { stranded_bookings: 0 });

  await connectAt("google", "luna");
  t.match((await world.api("GET", customerPath)).body, { provider: "google", stranded_bookings: 2 });
});

t.test("an account's id means nothing at another provider", async (t) => {
  const { world, agenda, connectAt, listed, book } = await openBoth(t);
  for (const { sandbox } of [world, agenda])
    await sandbox("POST", "accounts", {
      email: "luna@example.com",
      sub: "112233445566",
      time_zone: "America/Bogota",
    });
  await connectAt("google", "luna");
  await book("luna", "10:00");
  await connectAt("agenda", "luna");
  t.match((await world.api("GET", customerPath)).body, { provider: "agenda", stranded_bookings: 1 });
  t.match(await book("luna", "11:00"), { status: "confirmed" });
  t.strictSame(await listed("luna"), [monday("10:00"), monday("11:00")]);
});

t.test("access that the business has taken back at its provider is asked for again", async (t) => {
  const { world, agenda, connectAt } = await openBoth(t);
  await agenda.sandbox("POST", "accounts", { email: "luna@example.com" });
  await connectAt("agenda", "luna");
  await agenda.sandbox("POST", "revoke", { email: "luna@example.com" });
  const { error } = await world.call("luna", "get_available_slots", { date_iso: "2027-01-18" });
  t.match(error, { code: "reconnect_required" });
  const { body } = await world.api("GET", customerPath);
  t.match(body, { status: "reconnect_required", reconnect_message: /^Agenda has ended the access/ });
  t.ok(body.reconnect_link);
});

t.test("what a provider calls a missing calendar is told in neutral words", async (t) => {
  const world = await createWorld(t, { provider: agendaProvider });
  await world.sandbox("POST", "accounts", { email: "luna@example.com" });
  const { accountRefusal, endpoints } = agendaProvider;
  await world.sandbox("POST", "faults", { ...endpoints.list, ...accountRefusal });
  const link = (await world.connect("luna")).body.shareable_link;
  t.match(await world.consent(link), {
    status: 200,
    text: /This account has no calendar yet.*calendar_missing/s,
  });
  const { body } = await world.api("GET", `${customerPath}/activity`);
  for (const { kind, detail } of body.activity.slice(0, 2))
    t.match(detail, { provider: "agenda" }, `${kind} names its provider`);
});
