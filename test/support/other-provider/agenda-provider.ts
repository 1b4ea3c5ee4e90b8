import { controlSandbox } from "../local-google.ts";
import type { OwnerChanges } from "../owner.ts";
import { createProviderCalls, ownerAgent } from "../provider-calls.ts";
import { findCallIn, type StoredEvent, type TestedProvider } from "../tested-provider.ts";
import { agendaEvents } from "./event-variants.ts";
import { agendaFaults } from "./faults.ts";
import { registration } from "./registration.ts";
import { agendaClient } from "./sandbox/authorization.ts";
import { agendaVariables, buildAgenda } from "./sandbox/sandbox.ts";

const api = "/api.agenda.example/v2";
const login = "/login.agenda.example";

const endpoints: TestedProvider["endpoints"] = {
  list: { method: "GET", path: `${api}/view` },
  get: { method: "GET", path: `${api}/entry` },
  insert: { method: "POST", path: `${api}/new-entry` },
  patch: { method: "POST", path: `${api}/change-entry` },
  delete: { method: "POST", path: `${api}/remove-entry` },
  token: { method: "POST", path: `${login}/token` },
};

/** The made-up provider. */
export const agendaProvider: TestedProvider = {
  id: "agenda",
  name: "Agenda",
  ...registration,
  main: "test/fixtures/calendar-service.ts",
  endpoints,
  apiPath: api,
  unknownEvent: { status: 200, body: { ok: false, fault: "no_such_entry" } },
  tokenRefusal: { status: 200, body: { ok: false, fault: "token_stale" } },
  accountRefusal: { status: 200, body: { ok: false, fault: "account_closed" } },
  faults: agendaFaults,
  requestsPerReading: 2,
  meetLinks: null,
  accountParameter: "who",
  rotatesStrictly: true,
  retiring: ["insert", "delete"],
  createCalls: () => createProviderCalls((request) => findCallIn(endpoints, request)),
  async start(t, calls, { now = Date.now }) {
    const { app } = buildAgenda(now);
    calls.watch(app);
    t.teardown(() => app.close());
    const url = await app.listen({ host: "127.0.0.1", port: 0 });
    return { url, variables: agendaVariables(url) };
  },
  async readEvents(url, email) {
    const { events } = await controlSandbox(url, "GET", `events?email=${email}`);
    return (events as Answered[]).flatMap(toStored).sort((a, b) => a.start - b.start);
  },
  signInOwner: signIn,
  toAccountEvents: (events) => events.map(({ title, start, end }) => ({ title, when: toWhen(start, end) })),
  variedEvents: agendaEvents,
};

type Answered = {
  id: string;
  title: string;
  state: string;
  when: { from: string; to: string };
  guests: { mail: string }[];
  labels: { cita_booking_id?: string };
};

function toStored({ id, title, state, when, guests, labels }: Answered): StoredEvent[] {
  if (state !== "planned") return [];
  const at = (text: string) => Date.parse(`${text.replace(" ", "T")}Z`);
  const bookingId = labels.cita_booking_id ?? null;
  return [
    { id, title, start: at(when.from), end: at(when.to), bookingId, guests: guests.map(({ mail }) => mail) },
  ];
}

function toWhen(start: string, end: string) {
  const spell = (text: string) => new Date(text).toISOString().slice(0, 19).replace("T", " ");
  return { from: spell(start), to: spell(end), clock: "UTC" };
}

function toChanges({ start, end, summary, free, days, weekly, guests }: OwnerChanges): object {
  const midnight = (date: string) => `${date}T00:00:00Z`;
  return {
    ...(start !== undefined && end !== undefined && { when: toWhen(start, end), wholeDay: false }),
    ...(days !== undefined && { when: toWhen(midnight(days[0]), midnight(days[1])), wholeDay: true }),
    ...(summary !== undefined && { title: summary }),
    ...(free !== undefined && { shows: free ? "free" : "busy" }),
    ...(guests !== undefined && { guests: guests.map((mail) => ({ mail, name: mail })) }),
    ...(weekly !== undefined && { repeats: { everyDays: 7, times: weekly } }),
  };
}

const redirectUri = "http://localhost:1/callback";

async function signIn(url: string, email: string) {
  const form = (fields: Record<string, string>) => ({ method: "POST", body: new URLSearchParams(fields) });
  const consent = await fetch(`${url}${login}/authorize`, {
    ...form({ who: email, redirect_uri: redirectUri, granted: "calendar:write" }),
    redirect: "manual",
  });
  const code = new URL(consent.headers.get("location") ?? "").searchParams.get("code") ?? "";
  const { id, secret } = agendaClient;
  const credentials = new URLSearchParams([[id, secret]]).toString().replace("=", ":");
  const exchange = await fetch(`${url}${login}/token`, {
    ...form({ grant_type: "authorization_code", code, redirect_uri: redirectUri }),
    headers: {
      authorization: `Basic ${Buffer.from(credentials).toString("base64")}`,
      "user-agent": ownerAgent,
    },
  });
  const token: string = JSON.parse(await exchange.text()).access_token;

  async function request(path: string, body: object) {
    const response = await fetch(`${url}${api}${path}`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${token}`,
        "user-agent": ownerAgent,
        "content-type": "application/json",
      },
      body: JSON.stringify(body),
    });
    const answer = JSON.parse(await response.text());
    if (!answer.ok) throw new Error(JSON.stringify(answer));
    return answer;
  }

  return {
    insert: async ({ start, end, summary }: { start: string; end: string; summary?: string }) =>
      (await request("/new-entry", { title: summary, when: toWhen(start, end) })).entry.id as string,
    change: async (eventId: string, changes: OwnerChanges) =>
      void (await request(`/change-entry/${eventId}`, toChanges(changes))),
    remove: async (eventId: string) => void (await request(`/remove-entry/${eventId}`, {})),
  };
}
