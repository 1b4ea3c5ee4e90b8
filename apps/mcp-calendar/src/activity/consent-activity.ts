import type { ConsentEvent, RecordConsent } from "@cita/consent";
import type { NewEvent } from "@cita/events";
import type { RecordActivity } from "./recorder.ts";

export function createConsentRecorder(record: RecordActivity): RecordConsent {
  return (event) => record(toEvent(event));
}

function toEvent({ customerId, ...event }: ConsentEvent): NewEvent {
  const provider = "google";
  if (event.kind === "reconnect_required")
    return { customerId, kind: event.kind, data: { provider, ...event.detail } };
  const { link_id } = event.detail;
  return { customerId, kind: event.kind, data: { link_id, provider, attempt_id: null } };
}
