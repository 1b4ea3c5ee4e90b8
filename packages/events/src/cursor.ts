import { randomBytes } from "node:crypto";

/**
 * A place in an event log that can't be read on from: it isn't a cursor (`invalid_cursor`), or it is one of another
 * database or of a database that has been put back since (`event_log_changed`).
 */
export class EventCursorError extends Error {
  override readonly name = "EventCursorError";
  readonly code: "invalid_cursor" | "event_log_changed";
  readonly statusCode: 400 | 410;
  constructor(code: EventCursorError["code"]) {
    super(sentences[code]);
    this.code = code;
    this.statusCode = code === "invalid_cursor" ? 400 : 410;
  }
}

const sentences: Record<EventCursorError["code"], string> = {
  invalid_cursor: "after must be a cursor of this feed, as it was given.",
  event_log_changed:
    "The cursor is of another event log: the database was replaced or put back. Read the present state again, and go on from a new cursor.",
};

/** The last event that was read, and the log that it is in. */
export type Cursor = { readonly logId: string; readonly lastId: number };

export function writeCursor({ logId, lastId }: Cursor): string {
  return Buffer.from(`${logId}.${lastId}`).toString("base64url");
}

/** @throws EventCursorError `invalid_cursor` */
export function readCursor(text: string): Cursor {
  const found = /^([0-9a-f]{16})\.(\d{1,15})$/.exec(Buffer.from(text, "base64url").toString());
  const cursor = { logId: found?.[1] ?? "", lastId: Number(found?.[2]) };
  // Decoding ignores characters outside base64url, and a number has several spellings.
  if (found === null || writeCursor(cursor) !== text) throw new EventCursorError("invalid_cursor");
  return cursor;
}

/** The name of a log, which its cursors carry. */
export function makeLogId(): string {
  return randomBytes(8).toString("hex");
}
