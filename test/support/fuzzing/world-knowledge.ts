import type { Answer } from "./exchange.ts";

/** What requests can name so that they get further than "there is no such thing". It grows by the answers. */
export type WorldKnowledge = {
  readonly serviceKey: string;
  readonly adminKey: string;
  /** Connected, and never disconnected by a request. */
  readonly customerIds: readonly string[];
  /** Theirs to be disconnected, too. */
  readonly managedIds: readonly string[];
  /** Free when it began. */
  readonly startTimes: readonly string[];
  readonly linkTokens: readonly string[];
  readonly bookingIds: string[];
  readonly cursors: string[];
  /** What a browser that comes back from Google would bring. */
  readonly attempts: { state: string; cookie: string }[];
};

const mostKept = 200;

/** What a later request can name, taken from an answer. */
export function learn(known: WorldKnowledge, { text, headers }: Answer): void {
  keep(known.bookingIds, /"booking_id":"([0-9a-f]{8,})"/.exec(text)?.[1]);
  keep(known.cursors, /"next_cursor":"([^"]+)"/.exec(text)?.[1]);
  const state = /[?&]state=([^&]+)/.exec(headers.location ?? "")?.[1];
  const cookie = headers["set-cookie"]?.map((one) => one.split(";")[0]).join("; ");
  if (state !== undefined && cookie !== undefined) keep(known.attempts, { state, cookie });
}

function keep<Item>(items: Item[], item: Item | undefined): void {
  if (item === undefined) return;
  items.push(item);
  if (items.length > mostKept) items.shift();
}
