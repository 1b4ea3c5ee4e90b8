import type {
  AttendeeErasure,
  AttendeeExport,
  AttendeeExportQuery,
  AttendeeIdentifiers,
  ExportedBooking,
} from "@cita/calendar-api";
import { cutPage } from "@cita/http";
import { parsePhoneNumber } from "@cita/phone-numbers";
import { wasConfirmed } from "../bookings/booking.ts";
import type { AttendeeData, AttendeeQuery, AttendeeRecord } from "../bookings/ledger/attendee-data.ts";
import { bookingCursor, isAheadAndStranded, toStoredView } from "./bookings.ts";

/** Export and erasure of one attendee's data. */
export type ManagedAttendees = {
  /** @throws InvalidPhoneError, InvalidCursorError */
  export(
    customerId: string,
    attendee: AttendeeIdentifiers,
    query: AttendeeExportQuery,
  ): Promise<AttendeeExport>;
  /** @throws InvalidPhoneError, BookingsAheadError: then nothing was erased. */
  erase(customerId: string, attendee: AttendeeIdentifiers): Promise<AttendeeErasure>;
};

/** A phone number that doesn't parse would match no row, and the person would learn that nothing is stored. */
export class InvalidPhoneError extends Error {
  override readonly name = "InvalidPhoneError";
  readonly code = "invalid_phone";
  readonly statusCode = 400;
  constructor() {
    super("phone must be one phone number with its country code, such as +57 300 123 4567.");
  }
}

/** An attendee whom the business still expects can't be erased. */
export class BookingsAheadError extends Error {
  override readonly name = "BookingsAheadError";
  readonly code = "bookings_ahead";
  readonly statusCode = 409;
  constructor(count: number) {
    super(
      `Nothing was erased: ${count} of this person's appointments lie ahead or aren't settled yet. They have to be cancelled first (POST …/bookings/:booking_id/cancel); one that is being written is settled within seconds.`,
    );
  }
}

type Deps = {
  data: AttendeeData;
  /** The account that is connected, by `accountKey`; null: none is. */
  readAccountId(customerId: string): Promise<string | null>;
  now: () => number;
};

const beginning = { start: Number.MIN_SAFE_INTEGER, id: "" };

export function createManagedAttendees({ data, readAccountId, now }: Deps): ManagedAttendees {
  return {
    async export(customerId, attendee, { cursor, limit }) {
      const after = cursor === undefined ? beginning : bookingCursor.read(cursor);
      const found = await data.page(toAttendeeQuery(customerId, attendee), after, limit + 1);
      const { shown, next_cursor } = cutPage(found, limit, bookingCursor.write);
      const connected = await readAccountId(customerId);
      return {
        bookings: shown.map((record) => toExported(record, isAheadAndStranded(record, connected, now()))),
        next_cursor,
      };
    },

    async erase(customerId, attendee) {
      const query = toAttendeeQuery(customerId, attendee);
      const ahead = await data.countAhead(query);
      if (ahead > 0) throw new BookingsAheadError(ahead);
      const { rows, eventIds, hasMoreEvents } = await data.erase(query);
      return { erased: rows, calendar_events: [...eventIds], more_calendar_events: hasMoreEvents };
    },
  };
}

function toAttendeeQuery(
  customerId: string,
  { phone: written, email, ref }: AttendeeIdentifiers,
): AttendeeQuery {
  const phone = written === undefined ? null : parsePhoneNumber(written);
  if (phone === undefined) throw new InvalidPhoneError();
  return { customerId, attendee: { phone, email: email ?? null, ref: ref ?? null } };
}

function toExported(record: AttendeeRecord, stranded: boolean): ExportedBooking {
  const { status, idempotencyKey } = record;
  return {
    ...toStoredView(record, stranded),
    status,
    moves_booking_id: wasConfirmed(record) ? null : record.moves,
    idempotency_key: idempotencyKey,
  };
}
