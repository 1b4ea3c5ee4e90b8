/** A cursor that no page has returned. */
export class InvalidCursorError extends Error {
  override readonly name = "InvalidCursorError";
  readonly code = "invalid_cursor";
  readonly statusCode = 400;
  constructor() {
    super("The cursor is not one of ours. Send next_cursor as it was given, or none for the first page.");
  }
}

/** Encodes where a page ended as an opaque text. */
export type PageCursor<Position> = {
  write(position: Position): string;
  /** @throws InvalidCursorError */
  read(cursor: string): Position;
};

/** @param format `read` returns undefined for a text that is no position. */
export function createPageCursor<Position>(format: {
  write(position: Position): string;
  read(text: string): Position | undefined;
}): PageCursor<Position> {
  const write = (position: Position) => Buffer.from(format.write(position)).toString("base64url");
  return {
    write,
    read(cursor) {
      const position = format.read(Buffer.from(cursor, "base64url").toString());
      // Decoding ignores characters outside base64url, and a number has several spellings.
      if (position === undefined || write(position) !== cursor) throw new InvalidCursorError();
      return position;
    },
  };
}

/** Cuts a page off. @param found up to `limit` + 1 items: the last one shows that there is another page. */
export function cutPage<Item, Cursor = string>(
  found: readonly Item[],
  limit: number,
  cursorOf: (last: Item) => Cursor,
): { shown: Item[]; next_cursor: Cursor | null } {
  const shown = found.slice(0, limit);
  const last = shown.at(-1);
  return { shown, next_cursor: found.length > limit && last !== undefined ? cursorOf(last) : null };
}
