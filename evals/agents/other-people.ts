import { type Agent, isForOne, isOf, startOf } from "./agent.ts";

/** Agents that serve one person on WhatsApp, and are talked into more than is that person's. */

const stranger = "+57 301 555 0000";

export const otherPeople: readonly Agent[] = [
  {
    name: "anothers-booking-id",
    mistake: "changes the appointment of somebody else, whose id it was given: it is as if there were none",
    errsAt: isOf("reschedule_booking", "cancel_booking"),
    async err(call, talk) {
      const refused = await talk.call({ ...call, person: stranger });
      talk.expectHint(refused, "booking_not_found", "list_bookings");
      const { answer } = await talk.call({ tool: "list_bookings", args: {}, person: stranger });
      talk.expect(
        (answer?.bookings as unknown[])?.length === 0,
        "a stranger is shown appointments of others",
      );
      return talk.call(call);
    },
  },
  {
    name: "never-settles",
    mistake: "moves an appointment to and fro for as long as it is let: then nothing more is changed",
    errsAt: (call, scene) => isOf("book")(call) && isForOne(call, scene) && Boolean(call.args.attendee_phone),
    async err(call, talk) {
      const first = await talk.call(call);
      const { service } = call.args;
      const day = { date_iso: startOf(call).slice(0, 10), ...(service !== undefined && { service }) };
      const { answer } = await talk.call({ tool: "get_available_slots", args: day });
      const [other] = (answer?.slots ?? []) as { start: string }[];
      if (other === undefined) return first;
      const person = String(call.args.attendee_phone);
      for (let moves = 0; ; moves++) {
        const start_iso = moves % 2 === 0 ? other.start : startOf(call);
        const args = { booking_id: first.answer?.booking_id, start_iso };
        const moved = await talk.call({ tool: "reschedule_booking", args, person });
        if (moved.error === undefined && moves < 20) continue;
        talk.expectHint(moved, "limit_reached", "business");
        return first;
      }
    },
  },
];
