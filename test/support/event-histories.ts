import type { EventBody } from "@cita/events";

type Status = "none" | "pending" | "connected" | "reconnect_required" | "disconnected";

type Steps = readonly (readonly [events: readonly EventBody[], after: Status])[];

const at = "2027-01-18T14:00:00.000Z";
const provider = "google";
const issued: EventBody = { kind: "link_issued", data: { link_id: 1, expires_at: at } };
const connected: EventBody = { kind: "connected", data: { link_id: 1, provider, attempt_id: 1 } };
const revoked = (because: "renewed" | "disconnected"): EventBody => ({
  kind: "link_revoked",
  data: { link_id: 1, because },
});
const lost: EventBody = { kind: "reconnect_required", data: { provider, reason: "invalid_grant" } };
const ended: EventBody = { kind: "disconnected", data: { provider, revoked: true } };
const answered: EventBody = { kind: "calendar_answered", data: { provider, since: at } };
const changed = (state: "refused" | "ok"): EventBody => ({
  kind: "calendar_state_changed",
  data: { provider, state, since: at, reason: null, one_calendar: false },
});
const booked: EventBody = {
  kind: "booked",
  data: { booking_id: "b", service: "appointment", start: at, end: at },
};

/** What may happen to a customer in each status: the events of one transaction, and the status after it. */
const steps: Record<Status, Steps> = {
  none: [[[issued], "pending"]],
  pending: [
    [[revoked("renewed"), issued], "pending"],
    [[connected], "connected"],
    [[revoked("disconnected")], "disconnected"],
  ],
  connected: [
    [[answered], "connected"],
    [[changed("refused")], "connected"],
    [[changed("ok")], "connected"],
    [[booked], "connected"],
    [[issued], "connected"],
    [[connected], "connected"],
    [[lost, issued], "reconnect_required"],
    [[revoked("disconnected"), ended], "disconnected"],
  ],
  reconnect_required: [
    [[connected], "connected"],
    [[revoked("disconnected"), ended], "disconnected"],
  ],
  disconnected: [[[issued], "pending"]],
};

/** A customer's history: its events in order, as the calendar service would append them. @param choices picks the steps. */
export function* generateHistory(choices: Iterable<number>): Generator<EventBody> {
  let status: Status = "none";
  for (const choice of choices) {
    const possible: Steps = steps[status];
    const step = possible[choice % possible.length];
    if (step === undefined) return;
    yield* step[0];
    status = step[1];
  }
}
