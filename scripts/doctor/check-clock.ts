import { type Finding, note, ok, problem } from "./finding.ts";

const maxSkewMs = 30_000;

/** Compares this machine's clock with the `Date` header of an answer. The times are epoch milliseconds. */
export function checkClock(headers: Headers, sentAt: number, arrivedAt: number): Finding {
  const date = Date.parse(headers.get("date") ?? "");
  if (Number.isNaN(date)) return note("The clock couldn't be compared: the answer has no date.");
  // The header has whole seconds, rounded down.
  const skewMs = (sentAt + arrivedAt) / 2 - (date + 500);
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  if (Math.abs(skewMs) <= maxSkewMs) return ok("The clock agrees with Google's.");
  return problem(
    `The clock is ${seconds} seconds ${skewMs > 0 ? "ahead of" : "behind"} Google's.`,
    "Set it by NTP (timedatectl set-ntp true): notices, holds, links and tokens go by it.",
  );
}
