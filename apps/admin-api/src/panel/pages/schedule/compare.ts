import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { defaultSchedule, type Schedule } from "@cita/calendar-api";

export type Member = keyof Schedule;

const members = Object.keys(defaultSchedule) as Member[];

/** What a schedule was when somebody began to edit it, in short: a hash of each member. */
export function fingerprintOf(schedule: Schedule): string {
  return members.map((member) => hashOf(schedule[member])).join(".");
}

function hashOf(value: unknown): string {
  return createHash("sha256")
    .update(JSON.stringify(value) ?? "")
    .digest("base64url")
    .slice(0, 8);
}

export type Comparison = {
  /** Mine, with what only they have changed. */
  readonly merged: Schedule;
  /** Members that only they have changed. */
  readonly takenIn: readonly Member[];
  /** Members in which the two differ still. */
  readonly different: readonly Member[];
};

/**
 * Compares what somebody is editing with what another has saved meanwhile.
 * @param fingerprint of the schedule as it was when the editing began.
 */
export function compare(mine: Schedule, theirs: Schedule, fingerprint: string): Comparison {
  const before = fingerprint.split(".");
  const isMineUntouched = (member: Member) => hashOf(mine[member]) === before[members.indexOf(member)];
  const apart = members.filter((member) => !isDeepStrictEqual(mine[member], theirs[member]));
  const takenIn = apart.filter(isMineUntouched);
  const merged = { ...mine, ...pick(theirs, takenIn) };
  return { merged, takenIn, different: apart.filter((member) => !takenIn.includes(member)) };
}

function pick(schedule: Schedule, names: readonly Member[]): Partial<Schedule> {
  return Object.fromEntries(names.map((name) => [name, schedule[name]]));
}
