import { setTimeout as sleep } from "node:timers/promises";
import t from "tap";
import { defaultTiming } from "../apps/mcp-calendar/src/bookings/sweeper.ts";
import { mondayAt as monday } from "./support/admin-booking-calls.ts";
import { testedProvider, testOtherProviders } from "./support/calendar-providers.ts";
import { addPerson, send } from "./support/people.ts";
import { createWorld } from "./support/world.ts";

const provider = testedProvider(import.meta.url);
const timing = { ...defaultTiming, sweepIntervalMs: 100, settleAgainMs: 150 };

t.test("a change that is settled later is told as done by who has asked for it", async (t) => {
  const world = await createWorld(t, { provider, clockRuns: true, timing });
  const ana = await addPerson(world, { email: "ana@example.com", role: "admin" });
  await world.connected("luna");
  const bookings = "/v1/customer-calendars/luna/bookings";
  const book = async (time: string): Promise<string> => {
    const { answer } = await world.call("luna", "book", { start_iso: monday(time), attendee_name: "Ana" });
    return answer.booking_id;
  };
  /** Waits for what became of a booking after it was made. */
  async function told(bookingId: string): Promise<object[]> {
    for (let i = 0; i < 100; i++) {
      const { body } = await world.api("GET", "/v1/customer-calendars/luna/activity?limit=50");
      const ours = body.activity.filter(
        (one: { kind: string; detail: { booking_id?: string } }) =>
          one.detail.booking_id === bookingId && one.kind !== "booked",
      );
      if (ours.length > 0) return ours;
      await sleep(100);
    }
    return [];
  }
  /** The provider does it, and for a while no answer arrives. */
  function loseAnswers(call: "delete" | "patch"): void {
    const none = async () => undefined;
    world.providerCalls.after(call, none, { lost: true });
    for (let nth = 2; nth <= 4; nth++)
      for (const each of [call, "get"] as const) world.providerCalls.before(each, none, { lost: true, nth });
  }

  const cancelled = await book("09:00");
  loseAnswers("delete");
  await send(world.adminUrl, "POST", `${bookings}/${cancelled}/cancel`, { bearer: ana.accessToken });
  t.match(await told(cancelled), [
    { kind: "cancelled", detail: { by: "admin" }, actor: { kind: "user", id: ana.user.id } },
  ]);
  const moved = await book("11:00");
  loseAnswers("patch");
  await world.call("luna", "reschedule_booking", { booking_id: moved, start_iso: monday("15:00") });
  t.match(await told(moved), [{ kind: "rescheduled", detail: { by: "agent", start: monday("15:00") } }]);
});

testOtherProviders(import.meta.url);
