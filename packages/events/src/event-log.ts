import type { Database } from "@cita/database";
import type { NewEvent, StoredEvent } from "./kinds.ts";

/** Only ever grows: events are neither changed nor removed, until their customer is. */
export type EventLog = {
  /**
   * Runs `act` in one transaction of the database, in which the deed is written and its events are appended. After the
   * commit those who wait are woken, and each activity is logged. Nothing is stored, woken or logged where `act` rejects.
   * @param key where `act` decides by what it reads: the transaction has this key, as by `exclusively`.
   */
  transaction<Result>(act: EventTransaction<Result>, key?: string): Promise<Result>;
  /**
   * Events with lower ids than `before`, newest first. Without a customer: those of all. In PostgreSQL one may come later
   * than others with higher ids.
   */
  page(filter: EventFilter): Promise<StoredEvent[]>;
  /** The cursor before the first event. */
  readonly beginning: string;
  /** The cursor after the last event there is, but before any that is being appended. */
  now(): Promise<string>;
  /**
   * The same place in this log as it is called now, for a cursor that is stored in the log's own database: a copy of the
   * database calls the log anew, and has its events.
   * @throws EventCursorError
   */
  renamed(cursor: string): string;
  /**
   * Events after a cursor, oldest first, without those that may come after one that is being appended.
   * @throws EventCursorError
   */
  readAfter(cursor: string, limit: number): Promise<EventPage>;
  /** The cursor after one event. */
  cursorAfter(event: Pick<StoredEvent, "id">): string;
  /**
   * Calls `onWake` after events were appended, by this process at once and by others within 50 ms. It is called without
   * new events too.
   * @returns a function that ends it.
   */
  subscribe(onWake: () => void): () => void;
};

/** @param trx the database within the transaction: stores add the types of their tables with `withTables`. */
export type EventTransaction<Result> = (trx: Database, append: AppendEvent) => Promise<Result>;

/** @returns false where one isn't stored: an event with the same `once` exists, or the customer was removed. */
export type AppendEvent = (...events: readonly NewEvent[]) => Promise<boolean>;

export type EventFilter = {
  readonly customerId?: string | undefined;
  readonly before?: number | undefined;
  /** Only these. Default: all. */
  readonly kinds?: readonly string[] | undefined;
  readonly limit: number;
};

export type EventPage = {
  readonly events: readonly StoredEvent[];
  /** Where to read on: after the last event, and after those that can't be read. The given one where there were none. */
  readonly cursor: string;
};
