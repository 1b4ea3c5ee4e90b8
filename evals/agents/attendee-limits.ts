import { type Agent, hasCapacityOne, isSuccessfulCall, startOf } from "./agent.ts";

/** Agents that serve one attendee and try more than that attendee may do. */

const strangerPhone = "+57 301 555 0000";

export const attendeeLimits: readonly Agent[] = [
  {
    name: "anothers-booking-id",
    mistake: "changes another attendee's booking by its id: the answer is as for an unknown id",
    canErrAt: isSuccessfulCall("reschedule_booking", "cancel_booking"),
    async errAndRecover(call, trial) {
      const refused = await trial.call({ ...call, person: strangerPhone });
      trial.expectHint(refused, "booking_not_found", "list_bookings");
      const { answer } = await trial.call({ tool: "list_bookings", args: {}, person: strangerPhone });
      trial.expect((answer?.bookings as unknown[])?.length === 0, "a stranger gets bookings of others");
      return trial.call(call);
    },
  },
  {
    name: "moves-forever",
    mistake: "moves a booking back and forth until it is refused: then nothing more is changed",
    canErrAt: (call, scenario) =>
      isSuccessfulCall("book")(call) && hasCapacityOne(call, scenario) && Boolean(call.args.attendee_phone),
    async errAndRecover(call, trial) {
      const first = await trial.call(call);
      const { service } = call.args;
      const day = { date_iso: startOf(call).slice(0, 10), ...(service !== undefined && { service }) };
      const { answer } = await trial.call({ tool: "get_available_slots", args: day });
      const [other] = (answer?.slots ?? []) as { start: string }[];
      if (other === undefined) return first;
      const person = String(call.args.attendee_phone);
      for (let moves = 0; ; moves++) {
        const start_iso = moves % 2 === 0 ? other.start : startOf(call);
        const args = { booking_id: first.answer?.booking_id, start_iso };
        const moved = await trial.call({ tool: "reschedule_booking", args, person });
        if (moved.error === undefined && moves < 20) continue;
        trial.expectHint(moved, "limit_reached", "business");
        return first;
      }
    },
  },
];
