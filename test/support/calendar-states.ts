import type { Test } from "tap";
import { setSchedule } from "./schedule.ts";
import type { World } from "./world.ts";

export const laterMonday = { date_iso: "2027-03-15" };
export const minuteMs = 60_000;
/** A calendar that the account may read beside its own. */
export const team = "team@group.calendar.google.com";
export const teamPath = `/calendar/v3/calendars/${encodeURIComponent(team)}/`;

export const readSlots = (world: World, customer = "luna", day = { date_iso: "2027-01-18" }) =>
  world.call(customer, "get_available_slots", day);

/** Lets each request for luna's calendars fail. */
export const addFault = (world: World, fault: object) =>
  world.sandbox("POST", "faults", { path: "/calendar/v3/", email: "luna@example.com", ...fault });

export const removeFaults = (world: World) => world.sandbox("DELETE", "faults");

/** A calendar's state as an admin gets it, of the customer alone and in the list of all. */
export async function readState(world: World, customer = "luna") {
  const { body } = await world.api("GET", `/v1/customer-calendars/${customer}`);
  const { body: list } = await world.api("GET", "/v1/customer-calendars");
  const listed = list.customers.find(({ customer_id }: { customer_id: string }) => customer_id === customer);
  return { ...body.calendar_state, status: body.status, listed: listed.calendar_state };
}

type Change = { state: string; calendar?: string; message: string };

/** The changes of a calendar's state in the activity log, the oldest first. */
export async function readChanges(world: World, customer = "luna"): Promise<Change[]> {
  const { body } = await world.api("GET", `/v1/customer-calendars/${customer}/activity?limit=200`);
  return body.activity
    .filter(({ kind }: { kind: string }) => kind === "calendar_state_changed")
    .map(({ detail }: { detail: Change }) => detail)
    .reverse();
}

export const statesOf = (changes: readonly Change[]) => changes.map(({ state }) => state);

/** Connects luna, whose schedule names the team's calendar. */
export async function connectWithTeam(world: World): Promise<void> {
  await world.connected("luna", { calendars: [{ id: team, events: [] }] });
  await setSchedule(world, "luna", { busy_calendars: ["primary", team] });
}

/** What Google answers to a request for events. */
export const eventList = (items: unknown[], extra: object = {}) => ({
  status: 200,
  body: { kind: "calendar#events", timeZone: "America/Bogota", items, ...extra },
});

/** An error that lasts until somebody mends it: a repetition is not advised, nor is a lack of times reported. */
export function expectLasting(t: Test, error: { code: string; retryable: boolean; next_step: string }): void {
  t.match(error, {
    code: "calendar_unavailable",
    retryable: false,
    message: /no se va a arreglar solo/,
    next_step: /Don't say that there is no availability.*the business has to be told/,
  });
  t.notMatch(error.next_step, /in a minute|try again/i);
}
