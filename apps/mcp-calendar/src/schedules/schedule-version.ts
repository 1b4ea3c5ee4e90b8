import { createHash } from "node:crypto";
import type { Schedule } from "@cita/calendar-api";

/** The schedule has been changed since it was read. */
export class ScheduleChangedError extends Error {
  override readonly name = "ScheduleChangedError";
  readonly code = "schedule_changed";
  readonly statusCode = 412;
  constructor() {
    super(
      "The schedule was not saved: it has been changed since you read it. Read it again, and save what you want of both.",
    );
  }
}

/** The entity tag of a schedule: the same for the same content. */
export function toETag(schedule: Schedule): string {
  const hash = createHash("sha256").update(JSON.stringify(schedule)).digest("base64url");
  return `"${hash.slice(0, 22)}"`;
}

/**
 * Whether a schedule is one that `If-Match` names. `*` names any, since every customer has a schedule.
 * @param ifMatch the header; undefined: whatever the schedule is.
 * @param eTag undefined: the stored schedule can't be read any more.
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-13.1.1
 */
export function isMatch(ifMatch: string | undefined, eTag: string | undefined): boolean {
  if (ifMatch === undefined || ifMatch.trim() === "*") return true;
  return ifMatch.split(",").some((tag) => tag.trim() === eTag);
}
