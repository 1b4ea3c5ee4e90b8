/** A cursor that we didn't give. */
export class InvalidCursorError extends Error {
  override readonly name = "InvalidCursorError";
  readonly code = "invalid_cursor";
  readonly statusCode = 400;
  constructor() {
    super("The cursor is not one of ours. Send next_cursor as it was given, or none for the first page.");
  }
}

/** Where a page ended, as a text that callers hand back unread. */
export type PageCursor<Position> = {
  write(position: Position): string;
  /** @throws InvalidCursorError */
  read(cursor: string): Position;
};

/** @param format how a position is written, and read again: undefined for what is none. */
export function createPageCursor<Position>(format: {
  write(position: Position): string;
  read(text: string): Position | undefined;
}): PageCursor<Position> {
  const write = (position: Position) => Buffer.from(format.write(position)).toString("base64url");
  return {
    write,
    read(cursor) {
      const position = format.read(Buffer.from(cursor, "base64url").toString());
      // Decoding skips what isn't base64url, and a number can be written in several ways.
      if (position === undefined || write(position) !== cursor) throw new InvalidCursorError();
      return position;
    },
  };
}

/** A page of what was found, which is one more than the page holds where there are others. */
export function cutPage<Item>(
  found: readonly Item[],
  limit: number,
  cursorOf: (last: Item) => string,
): { shown: Item[]; next_cursor: string | null } {
  const shown = found.slice(0, limit);
  const last = shown.at(-1);
  return { shown, next_cursor: found.length > limit && last !== undefined ? cursorOf(last) : null };
}
