import type { BookingPosition } from "../bookings/ledger.ts";

/** A cursor that we didn't give. */
export class InvalidCursorError extends Error {
  override readonly name = "InvalidCursorError";
  readonly code = "invalid_cursor";
  readonly statusCode = 400;
  constructor() {
    super("The cursor is not one of ours. Send next_cursor as it was given, or none for the first page.");
  }
}

/** The place after a booking, as a text that callers hand back unread. */
export function writeCursor({ start, id }: BookingPosition): string {
  return Buffer.from(`${start} ${id}`).toString("base64url");
}

/** @throws InvalidCursorError */
export function readCursor(cursor: string): BookingPosition {
  const [, start, id] = /^(-?\d+) ([0-9a-f]+)$/.exec(Buffer.from(cursor, "base64url").toString()) ?? [];
  if (start === undefined || id === undefined) throw new InvalidCursorError();
  const position = { start: Number(start), id };
  // Decoding skips what isn't base64url, and a number can be written in several ways.
  if (writeCursor(position) !== cursor) throw new InvalidCursorError();
  return position;
}
