import { type CallCount, type Fault, type Faults, faultSchema } from "@cita/sandbox";
import type { FastifyInstance, FastifyReply } from "fastify";
import { z } from "zod";
import type { Account, Accounts } from "./accounts.ts";
import { changes, toAnswer } from "./entry.ts";
import type { Grants } from "./grants.ts";

type Parts = { accounts: Accounts; grants: Grants; calls: CallCount; faults: Faults<Fault> };

const mail = z.object({ email: z.string() });

const accountSchema = z.strictObject({
  email: z.string().includes("@"),
  /** The provider's id of the account: given where an address changes its owner. */
  sub: z.string().optional(),
  time_zone: z.string().optional(),
  events: z.array(changes).default([]),
  calendars: z.array(z.strictObject({ id: z.string(), events: z.array(changes).default([]) })).default([]),
});

/** The sandbox's own controls, as Google's has them: JSON in and out, under `/_sandbox/`. */
export function controlRoutes(app: FastifyInstance, { accounts, grants, calls, faults }: Parts): void {
  app.post("/_sandbox/accounts", async ({ body }, reply) => {
    const { email, sub, time_zone, events, calendars } = accountSchema.parse(body);
    const account = accounts.make(email, {
      ...{ number: sub, ...(time_zone && { zone: time_zone }) },
      calendars: calendars.map(({ id }) => id),
    });
    for (const [id, filling] of [
      ["main", events] as const,
      ...calendars.map((one) => [one.id, one.events] as const),
    ])
      for (const event of filling) account.diaries.get(id)?.insert(event);
    return reply.code(201).send({ email });
  });

  app.get("/_sandbox/events", async ({ query }, reply) => {
    const account = accounts.find(mail.parse(query).email);
    if (account === undefined) return unknown(reply);
    return {
      time_zone: account.zone,
      events: diaryOf(account)
        .entries()
        .map((entry) => toAnswer(entry)),
    };
  });

  app.get("/_sandbox/mails", async ({ query }, reply) => {
    const account = accounts.find(mail.parse(query).email);
    return account === undefined ? unknown(reply) : { mails: diaryOf(account).mails() };
  });

  app.get("/_sandbox/calls", async () => calls.report());
  app.delete("/_sandbox/calls", async () => {
    calls.reset();
    return calls.report();
  });
  app.post("/_sandbox/faults", async ({ body }, reply) => {
    const fault = faultSchema.parse(body);
    faults.add(fault);
    return reply.code(201).send(fault);
  });
  app.delete("/_sandbox/faults", async () => ({ removed: faults.clear() }));
  app.post("/_sandbox/expire-access-tokens", async () => ({ expired: grants.expireAccessTokens() }));
  app.post("/_sandbox/revoke", async ({ body }) => ({ revoked: grants.end(mail.parse(body).email) }));
}

function diaryOf({ diaries }: Account) {
  const diary = diaries.get("main");
  if (diary === undefined) throw new Error("the account has no calendar");
  return diary;
}

function unknown(reply: FastifyReply): FastifyReply {
  return reply.code(404).send({ error: "no such account" });
}
