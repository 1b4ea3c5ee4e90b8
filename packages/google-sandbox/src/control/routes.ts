import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { type Account, type Accounts, DEFAULT_TIME_ZONE, isEmail } from "../accounts.ts";
import { applyChanges, readEventChanges } from "../calendar/event-input.ts";
import type { EventStore } from "../calendar/event-store.ts";
import { isTimeZone } from "../calendar/event-time.ts";
import { GoogleError } from "../calendar/google-error.ts";
import type { Grants } from "../oauth/grants.ts";
import type { CallCount } from "./call-count.ts";
import { type Faults, faultSchema } from "./faults.ts";

export type ControlDependencies = { accounts: Accounts; grants: Grants; calls: CallCount; faults: Faults };

const email = z.string().refine(isEmail, "not an e-mail address");
/** `2027-01-18` is all day; a time without an offset is the account's own wall time. */
const controlTime = z
  .union([z.string(), z.record(z.string(), z.string())])
  .transform((time) => (typeof time === "string" ? timeFromText(time) : time));
const person = z.looseObject({ email: z.string() });
const accountSchema = z.strictObject({
  email,
  time_zone: z.string().refine(isTimeZone, "not a time zone").default(DEFAULT_TIME_ZONE),
  events: z
    .array(
      z.looseObject({
        id: z.string().optional(),
        start: controlTime,
        end: controlTime,
        organizer: person.optional(),
        creator: person.optional(),
      }),
    )
    .default([]),
});
const emailSchema = z.strictObject({ email });

/** The sandbox's own controls, JSON in and out, under `/_sandbox/`. Refusals are 400 in Fastify's shape; an unknown account is 404. */
export async function controlRoutes(app: FastifyInstance, dependencies: ControlDependencies): Promise<void> {
  const { accounts, grants, calls, faults } = dependencies;

  app.setErrorHandler(async (error, _request, reply) => {
    if (!(error instanceof GoogleError) && !(error instanceof z.ZodError)) throw error;
    const message = error instanceof z.ZodError ? z.prettifyError(error) : error.message;
    return reply.code(400).send({ statusCode: 400, error: "Bad Request", message });
  });

  app.post("/_sandbox/accounts", async (request, reply) => {
    const { email, time_zone, events } = accountSchema.parse(request.body);
    const account = accounts.make({ email, timeZone: time_zone }, (calendar) => {
      for (const event of events) addEvent(calendar, event);
    });
    return reply.code(201).send(describe(account));
  });

  app.get("/_sandbox/events", async (request, reply) => {
    const account = accounts.find(emailSchema.parse(request.query).email);
    if (!account)
      return reply.code(404).send({ statusCode: 404, error: "Not Found", message: "no such account" });
    return describe(account);
  });

  app.get("/_sandbox/calls", async () => calls.report());
  app.delete("/_sandbox/calls", async () => {
    calls.reset();
    return calls.report();
  });

  app.post("/_sandbox/faults", async (request, reply) => {
    const fault = faultSchema.parse(request.body);
    faults.add(fault);
    return reply.code(201).send(fault);
  });
  app.delete("/_sandbox/faults", async () => ({ removed: faults.clear() }));

  app.post("/_sandbox/expire-access-tokens", async () => ({ expired: grants.expireAccessTokens() }));
  app.post("/_sandbox/revoke", async (request) => {
    const { email } = emailSchema.parse(request.body);
    return { revoked: grants.revokeAccount(email.toLowerCase()) };
  });
}

type ControlEvent = z.infer<typeof accountSchema>["events"][number];

/** Unlike a client, a test may say who organised an event. */
function addEvent(calendar: EventStore, event: ControlEvent): void {
  const { timeZone } = calendar.owner;
  const own = applyChanges(
    {},
    readEventChanges({ ...event, start: inZone(event.start, timeZone), end: inZone(event.end, timeZone) }),
  );
  const { organizer, creator = organizer } = event;
  calendar.insert(event.id, { ...own, ...(organizer && { organizer }), ...(creator && { creator }) });
}

function timeFromText(text: string): Record<string, string> {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) ? { date: text } : { dateTime: text };
}

function inZone(time: Record<string, string>, timeZone: string): Record<string, string> {
  return time.dateTime && !time.timeZone ? { ...time, timeZone } : time;
}

function describe({ email, sub, calendar }: Account) {
  const events = [...calendar.records()].map(({ resource }) => resource);
  return { email, sub, time_zone: calendar.owner.timeZone, events };
}
