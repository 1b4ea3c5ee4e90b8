import fc from "fast-check";
import t from "tap";
import { type CustomerState, foldEvent } from "../apps/admin-api/src/customer-states/fold-event.ts";
import { generateHistory } from "./support/event-histories.ts";

const at = "2027-01-18T14:00:00.000Z";
const choices = fc.array(fc.nat(100), { maxLength: 30 });

type Event = Parameters<typeof foldEvent>[1];
const toEvents = (steps: readonly number[]): Event[] =>
  [...generateHistory(steps)].map((body, i) => ({ ...body, id: i + 1, at }));
const fold = (events: readonly Event[], from?: CustomerState) => events.reduce(foldEvent, from);

t.test("events that a snapshot has seen, read once more, end in the same state", async () => {
  fc.assert(
    fc.property(choices, fc.nat(), (steps, from) => {
      const events = toEvents(steps);
      const state = fold(events);
      const again = fold(events.slice(from % (events.length + 1)), state);
      const stands = (one: CustomerState | undefined) => [one?.status, one?.calendarState, one?.provider];
      return stands(again).join() === stands(state).join();
    }),
    { numRuns: 1_000 },
  );
});

t.test("unknown kinds, and data of another form, change nothing", async (t) => {
  const state = fold(toEvents([0, 1, 0]));
  t.match(state, { status: "connected", calendarState: "ok", provider: "google", eventId: 3 });
  for (const [kind, data] of [
    ["teleported", {}],
    ["disconnected", { revoked: "yes" }],
    ["toString", {}],
  ] as const) {
    t.equal(fold([{ id: 9, at, kind, data }], state), state, kind);
    t.equal(fold([{ id: 9, at, kind, data }]), undefined, kind);
  }
});

t.test("a booking is remembered by its time, and changes nothing else", async (t) => {
  const state = fold(toEvents([0, 1, 0]));
  const data = { booking_id: "b", service: "s", start: "2027-02-01T14:00:00.000Z", end: at };
  const booked = { id: 9, at: "2027-01-19T09:00:00.000Z", kind: "booked", data };
  t.strictSame(fold([booked], state), { ...state, lastBookedAt: booked.at, eventId: 9 });
});
