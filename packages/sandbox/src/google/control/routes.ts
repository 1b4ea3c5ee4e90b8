import type { FastifyInstance, FastifyReply } from "fastify";
import { z } from "zod";
import type { CallCount } from "../../control/call-count.ts";
import type { Faults } from "../../control/faults.ts";
import { type Account, type Accounts, findCalendar, isEmail } from "../accounts.ts";
import type { EventStore } from "../calendar/event-store.ts";
import { GoogleError } from "../calendar/google-error.ts";
import type { Grants } from "../oauth/grants.ts";
import { readAccount } from "./account-input.ts";
import { type GoogleFault, googleFaultSchema } from "./google-faults.ts";

export type ControlDependencies = {
  accounts: Accounts;
  grants: Grants;
  calls: CallCount;
  faults: Faults<GoogleFault>;
};

const email = z.string().refine(isEmail, "not an e-mail address");
const emailSchema = z.strictObject({ email });
const calendarSchema = emailSchema.extend({ calendar: z.string().optional() });

/** The sandbox's own controls, JSON in and out, under `/_sandbox/`. Refusals are 400 in Fastify's shape; an unknown account or calendar is 404. */
export async function controlRoutes(app: FastifyInstance, dependencies: ControlDependencies): Promise<void> {
  const { accounts, grants, calls, faults } = dependencies;

  app.setErrorHandler(async (error, _request, reply) => {
    if (!(error instanceof GoogleError) && !(error instanceof z.ZodError)) throw error;
    const message = error instanceof z.ZodError ? z.prettifyError(error) : error.message;
    return reply.code(400).send({ statusCode: 400, error: "Bad Request", message });
  });

  app.post("/_sandbox/accounts", async (request, reply) => {
    const account = accounts.make(readAccount(request.body));
    const calendars = [...account.furtherCalendars].map(([id, calendar]) => ({ id, ...contentOf(calendar) }));
    return reply.code(201).send({ ...describe(account, account.calendar), calendars });
  });

  app.get("/_sandbox/events", async (request, reply) => {
    const { email, calendar: id } = calendarSchema.parse(request.query);
    const account = accounts.find(email);
    if (!account) return notFound(reply, "no such account");
    if (id === undefined) return describe(account, account.calendar);
    const calendar = findCalendar(account, id);
    if (!calendar) return notFound(reply, "no such calendar");
    return { ...describe(account, calendar), calendar: calendar.owner.calendarId };
  });

  app.get("/_sandbox/mails", async (request, reply) => {
    const account = accounts.find(emailSchema.parse(request.query).email);
    return account === undefined ? notFound(reply, "no such account") : { mails: account.calendar.mails() };
  });

  app.get("/_sandbox/calls", async () => calls.report());
  app.delete("/_sandbox/calls", async () => {
    calls.reset();
    return calls.report();
  });

  app.post("/_sandbox/faults", async (request, reply) => {
    const fault = googleFaultSchema.parse(request.body);
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

function describe({ email, sub }: Account, calendar: EventStore) {
  return { email, sub, ...contentOf(calendar) };
}

function contentOf(calendar: EventStore) {
  const events = [...calendar.records()].map(({ resource }) => resource);
  return { time_zone: calendar.owner.timeZone, events };
}

function notFound(reply: FastifyReply, message: string): FastifyReply {
  return reply.code(404).send({ statusCode: 404, error: "Not Found", message });
}
