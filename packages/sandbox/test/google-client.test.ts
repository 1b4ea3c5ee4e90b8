import { calendar } from "@googleapis/calendar";
import { CodeChallengeMethod, OAuth2Client } from "google-auth-library";
import t from "tap";
import { SANDBOX_CLIENT } from "../src/index.ts";
import {
  answerConsent,
  CALENDAR_SCOPE,
  CHALLENGE,
  REDIRECT_URI,
  startSandbox,
  VERIFIER,
} from "./sandbox-session.ts";

t.test("Google's own client signs in, reads, writes and refreshes", async (t) => {
  const { app } = startSandbox(t, { now: Date.now });
  const rootUrl = await app.listen({ host: "127.0.0.1", port: 0 });
  const auth = new OAuth2Client({
    clientId: SANDBOX_CLIENT.id,
    clientSecret: SANDBOX_CLIENT.secret,
    redirectUri: REDIRECT_URI,
    forceRefreshOnFailure: true,
    endpoints: {
      oauth2AuthBaseUrl: `${rootUrl}/o/oauth2/v2/auth`,
      oauth2TokenUrl: `${rootUrl}/token`,
      oauth2RevokeUrl: `${rootUrl}/revoke`,
      oauth2FederatedSignonJwkCertsUrl: `${rootUrl}/oauth2/v3/certs`,
    },
  });
  const consentUrl = auth.generateAuthUrl({
    access_type: "offline",
    scope: ["openid", "email", CALENDAR_SCOPE],
    login_hint: "ana@example.com",
    code_challenge: CHALLENGE,
    code_challenge_method: CodeChallengeMethod.S256,
  });
  t.match(await (await fetch(consentUrl)).text(), /Allow/);

  const { tokens } = await auth.getToken({
    code: (await answerConsent(app)).get("code") ?? "",
    codeVerifier: VERIFIER,
  });
  t.ok(tokens.refresh_token);
  auth.setCredentials(tokens);
  const [, payload = ""] = String(tokens.id_token).split(".");
  t.match(JSON.parse(Buffer.from(payload, "base64url").toString()), { email: "ana@example.com" });

  const { events } = calendar({ version: "v3", auth, rootUrl: `${rootUrl}/` });
  const start = { dateTime: "2030-01-15T10:00:00", timeZone: "America/Bogota" };
  const end = { dateTime: "2030-01-15T10:30:00", timeZone: "America/Bogota" };
  const inserted = await events.insert({
    calendarId: "primary",
    requestBody: { id: "cita001", summary: "Cita", start, end },
  });
  t.equal(inserted.data.start?.dateTime, "2030-01-15T10:00:00-05:00");
  await t.rejects(events.insert({ calendarId: "primary", requestBody: { id: "cita001", start, end } }), {
    code: 409,
  });

  await t.rejects(events.list({ calendarId: "team@group.calendar.google.com" }), { code: 404 });
  const calls = (await app.inject("/_sandbox/calls")).json();
  t.equal(calls.by["GET /calendar/v3/calendars/team%40group.calendar.google.com/events"], 1);

  await app.inject({ method: "POST", url: "/_sandbox/expire-access-tokens" });
  const range = { timeMin: "2030-01-15T00:00:00-05:00", timeMax: "2030-01-16T00:00:00-05:00" };
  const listed = await events.list({
    calendarId: "primary",
    singleEvents: true,
    orderBy: "startTime",
    ...range,
    fields: "timeZone,items(id,summary)",
  });
  t.match(
    listed.data.items?.find(({ id }) => id === "cita001"),
    { summary: "Cita" },
    "after a refresh of its own",
  );

  const patched = await events.patch({
    calendarId: "primary",
    eventId: "cita001",
    requestBody: { summary: "Otra" },
  });
  t.equal(patched.data.summary, "Otra");
  await t.rejects(
    events.patch(
      { calendarId: "primary", eventId: "cita001", requestBody: {} },
      { headers: { "If-Match": inserted.data.etag ?? "" } },
    ),
    { code: 412 },
  );
  t.equal((await events.delete({ calendarId: "primary", eventId: "cita001" })).status, 204);
  await t.rejects(events.delete({ calendarId: "primary", eventId: "cita001" }), { code: 410 });
  await auth.revokeCredentials();
  auth.setCredentials({ refresh_token: tokens.refresh_token ?? null });
  await t.rejects(auth.getAccessToken(), /invalid_grant/);
});
