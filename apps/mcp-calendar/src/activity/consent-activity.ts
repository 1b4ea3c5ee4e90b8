import type { ConsentEvent, RecordConsent } from "@cita/consent";
import type { NewEvent } from "@cita/events";
import type { RecordActivity } from "./recorder.ts";

export function createConsentRecorder(record: RecordActivity): RecordConsent {
  return (event) => record(toEvent(event));
}

function toEvent({ customerId, once, ...event }: ConsentEvent): NewEvent {
  const subject = { customerId, ...(once !== undefined && { once }) };
  const provider = "google";
  if (event.kind === "link_issued") return { ...subject, kind: event.kind, data: event.detail };
  if (event.kind === "reconnect_required")
    return { ...subject, kind: event.kind, data: { provider, ...event.detail } };
  const { link_id } = event.detail;
  return { ...subject, kind: event.kind, data: { link_id, provider, attempt_id: null } };
}
