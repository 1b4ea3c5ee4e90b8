import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { Account, Accounts } from "./accounts.ts";
import type { Diary } from "./diary.ts";
import { changes, toAnswer } from "./entry.ts";
import type { Grants } from "./grants.ts";
import { Refusal } from "./refusal.ts";

const host = "/api.agenda.example/v2";
const defaultPage = 5;
const largestPage = 50;

type Query = Record<string, string | undefined>;
type Call = FastifyRequest<{ Querystring: Query; Params: { id?: string } }>;
type Parts = { accounts: Accounts; grants: Grants };

/** The API of diaries. Nearly everything is answered 200; a repeated insert is refused with one status or another. */
export function diaryRoutes(app: FastifyInstance, parts: Parts): void {
  let refusedInserts = 0;
  app.setErrorHandler(async (error, _request, reply) => {
    if (error instanceof z.ZodError) return reply.code(200).send({ ok: false, fault: "bad_request" });
    if (!(error instanceof Refusal)) throw error;
    const { fault, existing } = error;
    if (existing === undefined) return reply.code(200).send({ ok: false, fault });
    return reply.code([400, 409, 200][refusedInserts++ % 3] ?? 400).send({ ok: false, fault, existing });
  });

  app.get(`${host}/settings`, async (request: Call) => ({ ok: true, zone: accountOf(request, parts).zone }));

  app.get(`${host}/view`, async (request: Call) => view(request, diaryOf(request, parts)));

  app.get(`${host}/entry/:id`, async (request: Call) => ({
    ok: true,
    entry: pick(toAnswer(diaryOf(request, parts).find(idOf(request))), request.query.show),
  }));

  app.get(`${host}/entry-search`, async (request: Call) => {
    const [name = "", value] = (request.query.label ?? "").split(":");
    const found = diaryOf(request, parts)
      .entries()
      .filter(({ labels }) => labels[name] === value);
    return { ok: true, entries: found.map((entry) => pick(toAnswer(entry), request.query.show)) };
  });

  app.post(`${host}/new-entry`, async (request: Call) => {
    const { once, ...body } = z.looseObject({ once: z.string().optional() }).parse(request.body);
    const entry = diaryOf(request, parts).insert(changes.parse(body), once);
    return { ok: true, entry: pick(toAnswer(entry), request.query.show) };
  });

  app.post(`${host}/change-entry/:id`, async (request: Call) => {
    const entry = diaryOf(request, parts).change(idOf(request), changes.parse(request.body), tagOf(request));
    return { ok: true, entry: pick(toAnswer(entry), request.query.show) };
  });

  app.post(`${host}/remove-entry/:id`, async (request: Call) => {
    diaryOf(request, parts).remove(idOf(request), tagOf(request));
    return { ok: true };
  });
}

export function bearerOf({ headers }: FastifyRequest): string | undefined {
  return /^Bearer (.+)$/.exec(headers.authorization ?? "")?.[1];
}

function accountOf(request: FastifyRequest, { accounts, grants }: Parts): Account {
  const grant = grants.find(bearerOf(request) ?? "");
  if (grant === undefined) throw new Refusal("token_stale");
  if (!grant.scope.includes("calendar:write")) throw new Refusal("not_granted");
  return accounts.findOrMake(grant.mail);
}

function diaryOf(request: Call, parts: Parts): Diary {
  const diary = accountOf(request, parts).diaries.get(request.query.calendar ?? "main");
  if (diary === undefined) throw new Refusal("no_such_calendar");
  return diary;
}

const idOf = ({ params }: Call) => params.id ?? "";

function tagOf({ headers }: FastifyRequest): string | undefined {
  return headers["if-match"];
}

/** A page of a span, and the address of the next one, at the provider's own host wherever it listens. */
function view({ query }: Call, diary: Diary) {
  const { after = "", before = "", size = `${defaultPage}`, skip = "0", show } = query;
  const [from, to] = [after, before].map((text) => Date.parse(`${text.replace(" ", "T")}Z`));
  const found = diary.view(from ?? Number.NaN, to ?? Number.NaN);
  const end = Number(skip) + Math.min(Number(size), largestPage);
  const given = Object.entries({ ...query, skip: `${end}` }) as [string, string][];
  return {
    ok: true,
    entries: found.slice(Number(skip), end).map((entry) => pick(entry, show)),
    more: end < found.length ? `https://api.agenda.example/v2/view?${new URLSearchParams(given)}` : null,
  };
}

/** The members that are asked for. */
function pick(entry: Readonly<Record<string, unknown>>, show: string | undefined) {
  if (show === undefined) return entry;
  const names = show.split(",");
  return Object.fromEntries(Object.entries(entry).filter(([name]) => names.includes(name)));
}

/** No answer of another status than these, but of a fault on demand. */
export function refuseUnknown(reply: FastifyReply): FastifyReply {
  return reply.code(404).send({ ok: false, fault: "no_such_address" });
}
