import { invalid } from "./google-error.ts";

/**
 * Where in a listing a page ended. Not a count: events written between two pages must neither repeat nor
 * hide others.
 */
export type Position = { key: number; id: string };

export function comparePositions(a: Position, b: Position): number {
  return a.key - b.key || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

/** The token of the page after a position, good only for the listing with this fingerprint. */
export function makePageToken({ key, id }: Position, fingerprint: string): string {
  return Buffer.from(`${key} ${id} ${fingerprint}`).toString("base64url");
}

/** Throws Google's 400 for a token of another listing, or none of ours. */
export function readPageToken(token: string | undefined, fingerprint: string): Position | undefined {
  if (token === undefined) return undefined;
  const [key, id, of] = Buffer.from(token, "base64url").toString().split(" ");
  if (id === undefined || of !== fingerprint || !Number.isFinite(Number(key))) {
    throw invalid("Invalid page token value.", "pageToken");
  }
  return { key: Number(key), id };
}
