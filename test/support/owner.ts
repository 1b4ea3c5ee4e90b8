import { SANDBOX_CLIENT } from "@cita/sandbox";
import { ownerAgent } from "./provider-calls.ts";

/** The business itself, in its own calendar. */
export type Owner = {
  /** Times with an offset. @returns the event's id. */
  insert(event: { start: string; end: string; summary?: string }): Promise<string>;
  change(eventId: string, changes: OwnerChanges): Promise<void>;
  remove(eventId: string): Promise<void>;
};

export type OwnerChanges = {
  start?: string;
  end?: string;
  summary?: string;
  /** Whether the event takes up time. */
  free?: boolean;
  /** It takes whole days: from the first date up to the second one. */
  days?: readonly [from: string, until: string];
  /** All that it has from then on, by their addresses. */
  guests?: readonly string[];
  /** It becomes a series: so many times, a week apart. */
  weekly?: number;
};

/** The pair of RFC 7636, appendix B. */
const verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

const redirectUri = "http://localhost:1/callback";
const scope = "https://www.googleapis.com/auth/calendar.events";

/** Signs in at a local Google apart from our service, so that nothing of it depends on ours. */
export async function signInOwner(googleUrl: string, email: string): Promise<Owner> {
  const client = { client_id: SANDBOX_CLIENT.id, redirect_uri: redirectUri };
  const consent = await fetch(`${googleUrl}/o/oauth2/v2/auth`, {
    method: "POST",
    redirect: "manual",
    body: new URLSearchParams({
      ...client,
      response_type: "code",
      state: "s",
      scope,
      code_challenge: challenge,
      code_challenge_method: "S256",
      account: email,
      action: "allow",
      granted: scope,
    }),
  });
  const code = new URL(consent.headers.get("location") ?? "").searchParams.get("code") ?? "";
  const exchange = await fetch(`${googleUrl}/token`, {
    method: "POST",
    body: new URLSearchParams({
      ...client,
      client_secret: SANDBOX_CLIENT.secret,
      grant_type: "authorization_code",
      code,
      code_verifier: verifier,
    }),
  });
  const token: string = JSON.parse(await exchange.text()).access_token;

  async function request(method: string, path: string, body?: object): Promise<string> {
    const response = await fetch(`${googleUrl}/calendar/v3/calendars/primary/events${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        "user-agent": ownerAgent,
        ...(body && { "content-type": "application/json" }),
      },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(text);
    return text;
  }

  return {
    insert: async (event) => JSON.parse(await request("POST", "", toGoogle(event))).id,
    change: async (eventId, changes) => void (await request("PATCH", `/${eventId}`, toGoogle(changes))),
    remove: async (eventId) => void (await request("DELETE", `/${eventId}`)),
  };
}

function toGoogle({ start, end, free, days, weekly, guests, ...rest }: OwnerChanges): object {
  const at = (dateTime: string) => ({
    dateTime,
    ...(weekly !== undefined && { timeZone: "America/Bogota" }),
  });
  const on = (date: string) => ({ date, dateTime: null });
  return {
    ...rest,
    ...(start !== undefined && { start: at(start) }),
    ...(end !== undefined && { end: at(end) }),
    ...(days !== undefined && { start: on(days[0]), end: on(days[1]) }),
    ...(free !== undefined && { transparency: free ? "transparent" : "opaque" }),
    ...(guests !== undefined && { attendees: guests.map((email) => ({ email })) }),
    ...(weekly !== undefined && { recurrence: [`RRULE:FREQ=WEEKLY;COUNT=${weekly}`] }),
  };
}
