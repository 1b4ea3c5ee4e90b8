import type { ProviderCall } from "./provider-calls.ts";
import { serviceKey, type World } from "./world.ts";

/** An endpoint of the provider, and what of ours reaches it. */
export type CalendarEndpoint = {
  readonly call: ProviderCall | "revoke";
  /** The state of a healthy customer's connection afterwards. */
  readonly leaves: "connected" | "disconnected";
  /** Puts in place what has to be there. @param week a Monday of its own, counted from the first */
  prepare(world: World, customer: string, week: number): Promise<Attempt>;
};

/** Outcomes are `ok`, or what an agent (its code), a browser or an admin is told. */
export type Attempt = {
  act(): Promise<string>;
  /** The same once the fault is gone. */
  again(): Promise<string>;
  /** Whether what was said, success or not, is so. */
  isTrue(succeeded: boolean): Promise<boolean>;
};

const always = async () => true;

/** 09:00 in Bogota. */
function mondayOf(week: number): number {
  return Date.parse("2027-01-18T14:00:00Z") + week * 7 * 86_400_000;
}

const startAt = (week: number, minutes = 0) => new Date(mondayOf(week) + minutes * 60_000).toISOString();

async function tool(world: World, customer: string, name: string, args: object): Promise<string> {
  return (await world.call(customer, name, args)).error?.code ?? "ok";
}

const slots = (world: World, customer: string, week: number) =>
  tool(world, customer, "get_available_slots", { date_iso: startAt(week).slice(0, 10) });

async function book(world: World, customer: string, start_iso: string) {
  const { answer } = await world.call(customer, "book", { start_iso, attendee_name: "Ana" });
  return answer as { booking_id: string; event_id: string };
}

/** When an event of ours stands in the calendar. */
async function standsAt(world: World, customer: string, eventId: string): Promise<string | undefined> {
  const events = await world.readEvents(`${customer}@example.com`);
  const event = events.find(({ id }) => id === eventId);
  return event && new Date(event.start).toISOString();
}

async function consent(world: World, link: string): Promise<string> {
  const page = await world.consent(link);
  if (page.status === 200) return "ok";
  return `${page.status} ${/class="small">(\w+)/.exec(page.text)?.[1]}`;
}

async function prepareCancel(world: World, customer: string, week: number): Promise<Attempt> {
  const { booking_id, event_id } = await book(world, customer, startAt(week));
  const cancel = () => tool(world, customer, "cancel_booking", { booking_id });
  return {
    act: cancel,
    again: cancel,
    isTrue: async (succeeded) => !succeeded || (await standsAt(world, customer, event_id)) === undefined,
  };
}

const list: CalendarEndpoint = {
  call: "list",
  leaves: "connected",
  async prepare(world, customer, week) {
    const read = () => slots(world, customer, week);
    return { act: read, again: read, isTrue: always };
  },
};

const get: CalendarEndpoint = {
  call: "get",
  leaves: "connected",
  prepare: prepareCancel,
};

const insert: CalendarEndpoint = {
  call: "insert",
  leaves: "connected",
  async prepare(world, customer, week) {
    let booked: { booking_id: string; event_id: string } | undefined;
    return {
      async act() {
        const request = { start_iso: startAt(week), attendee_name: "Ana" };
        const { error, answer } = await world.call(customer, "book", request);
        booked = answer;
        return error?.code ?? "ok";
      },
      again: () => tool(world, customer, "book", { start_iso: startAt(week, 60), attendee_name: "Bea" }),
      async isTrue() {
        if (booked !== undefined) return (await standsAt(world, customer, booked.event_id)) === startAt(week);
        const { body } = await world.api("GET", `/v1/customer-calendars/${customer}/bookings`);
        return !body.bookings.some(({ start }: { start: string }) => Date.parse(start) === mondayOf(week));
      },
    };
  },
};

const patch: CalendarEndpoint = {
  call: "patch",
  leaves: "connected",
  async prepare(world, customer, week) {
    const move = (booking_id: string, minutes: number) =>
      tool(world, customer, "reschedule_booking", { booking_id, start_iso: startAt(week, minutes) });
    const { booking_id, event_id } = await book(world, customer, startAt(week));
    return {
      act: () => move(booking_id, 60),
      // Of one that isn't settled both times stay taken until it is.
      again: async () => move((await book(world, customer, startAt(week, 120))).booking_id, 180),
      isTrue: async (succeeded) =>
        !succeeded || (await standsAt(world, customer, event_id)) === startAt(week, 60),
    };
  },
};

const remove: CalendarEndpoint = {
  call: "delete",
  leaves: "connected",
  prepare: prepareCancel,
};

const refresh: CalendarEndpoint = {
  call: "token",
  leaves: "connected",
  async prepare(world, customer, week) {
    world.clock.now += 3_600_000;
    const read = () => slots(world, customer, week + 1);
    return { act: read, again: read, isTrue: always };
  },
};

/** Of a customer that is connected, and consents once more. */
const exchange: CalendarEndpoint = {
  call: "token",
  leaves: "connected",
  async prepare(world, customer) {
    const { body } = await world.connect(customer);
    const act = () => consent(world, body.shareable_link);
    return { act, again: act, isTrue: async () => (await slots(world, customer, 0)) === "ok" };
  },
};

const revoke: CalendarEndpoint = {
  call: "revoke",
  leaves: "disconnected",
  async prepare(world, customer) {
    return {
      async act() {
        const response = await fetch(`${world.mcpUrl}/customers/${customer}/connection`, {
          method: "DELETE",
          headers: { authorization: `Bearer ${serviceKey}` },
        });
        return JSON.parse(await response.text()).revoked_at_provider ? "ok" : "unconfirmed";
      },
      again: async () => consent(world, (await world.connect(customer)).body.shareable_link),
      isTrue: async () => (await slots(world, customer, 0)) === "not_connected",
    };
  },
};

/** Every endpoint that is called by us. */
export const calendarEndpoints = { list, get, insert, patch, delete: remove, refresh, exchange, revoke };
