import { readFileSync } from "node:fs";
import type { FastifyInstance } from "fastify";
import t from "tap";
import type { TokenResponse } from "../src/index.ts";
import {
  answerConsent,
  CALENDAR_SCOPE,
  calendarCaller,
  codeForm,
  control,
  encode,
  form,
  prepareStateFile,
  refreshForm,
  signIn,
  startAfterKill,
  startSandbox,
} from "./sandbox-session.ts";

const start = { dateTime: "2027-01-18T10:00:00-05:00" };
const end = { dateTime: "2027-01-18T10:30:00-05:00" };
const zoned = { timeZone: "America/Bogota" };

async function refreshStatus(app: FastifyInstance, { refresh_token }: TokenResponse): Promise<number> {
  return (await app.inject(refreshForm(refresh_token))).statusCode;
}

/** Beside the seeded week: single events and series, each in every state it can be in. */
async function fillCalendar(call: ReturnType<typeof calendarCaller>): Promise<void> {
  const attendees = [{ email: "ana@example.com", comment: null }, { email: "c@example.com" }];
  await call("POST", "", { payload: { id: "patched", summary: "A", location: "L", start, end } });
  await call("PATCH", "/patched", { payload: { summary: "B", location: null, attendees } });
  await call("POST", "", { payload: { id: "deleted", start, end } });
  await call("DELETE", "/deleted");
  const recurrence = ["RRULE:FREQ=DAILY;COUNT=5"];
  const conferenceData = { createRequest: { requestId: "r1" } };
  await call("POST", "?conferenceDataVersion=1", {
    payload: { id: "series", start: { ...start, ...zoned }, end, recurrence, conferenceData },
  });
  await call("PATCH", "/series_20270119T150000Z", { payload: { summary: "An exception" } });
  await call("DELETE", "/series_20270120T150000Z");
  const days = { start: { date: "2027-01-18" }, end: { date: "2027-01-19" } };
  await call("POST", "", {
    payload: { id: "days0", ...days, recurrence: ["RRULE:FREQ=WEEKLY", "EXDATE;VALUE=DATE:20270125"] },
  });
}

t.test("a restart finds every calendar as it was", async (t) => {
  const { begin } = prepareStateFile(t);
  const { app: before, clock } = begin();
  clock.ms -= 60_000;
  const sub = "108204268033311374519";
  await before.inject(control("accounts", { email: "luis@example.com", sub, time_zone: "Europe/Madrid" }));
  const tokens = await signIn(before);
  await fillCalendar(calendarCaller(before, tokens));
  const everything = async (app: FastifyInstance) => {
    const call = calendarCaller(app, tokens);
    const expanded = encode({ singleEvents: "true", showDeleted: "true", timeMax: "2027-03-01T00:00:00Z" });
    return {
      ana: (await app.inject("/_sandbox/events?email=ana@example.com")).json(),
      luis: (await app.inject("/_sandbox/events?email=luis@example.com")).json(),
      masters: (await call("GET")).json(),
      instances: (await call("GET", `?${expanded}`)).json(),
    };
  };
  const written = await everything(before);
  t.match(written.luis, { time_zone: "Europe/Madrid", sub, events: [] });
  await before.close();

  const { app } = begin();
  t.strictSame(await everything(app), written);
  const call = calendarCaller(app, tokens);
  t.match((await call("GET", "/deleted")).json(), { status: "cancelled" });
  t.equal((await call("DELETE", "/deleted")).statusCode, 410);
  t.equal((await call("DELETE", "/series_20270120T150000Z")).statusCode, 410);
  t.equal((await call("POST", "", { payload: { id: "patched", start, end } })).statusCode, 409);
  t.match((await call("GET", "/series_20270119T150000Z")).json(), { summary: "An exception" });
});

t.test("etags go on growing after a restart", async (t) => {
  const { begin } = prepareStateFile(t);
  const { app: before } = begin();
  const tokens = await signIn(before);
  await fillCalendar(calendarCaller(before, tokens));
  await before.close();
  const call = calendarCaller(begin().app, tokens);
  const etags = (await call("GET")).json().items.map(({ etag }: { etag: string }) => etag);
  const { etag } = (await call("PATCH", "/patched", { payload: { summary: "C" } })).json();
  t.ok(
    etags.every((earlier: string) => etag > earlier),
    "even where the clock stood still",
  );
});

t.test("a restart finds further calendars, each in its own zone", async (t) => {
  const { stateFile, begin } = prepareStateFile(t);
  const { app: before } = begin();
  const lunch = { id: "lunch", start: "2027-01-18T12:00:00", end: "2027-01-18T13:00:00" };
  const team = { id: "Team@group.calendar.google.com", time_zone: "Europe/Madrid", events: [lunch] };
  const calendars = [team, { id: "rooms@group.calendar.google.com" }];
  await before.inject(control("accounts", { email: "ana@example.com", calendars }));
  const tokens = await signIn(before);
  await fillCalendar(calendarCaller(before, tokens, team.id));
  const everything = async (app: FastifyInstance) =>
    Promise.all(
      ["primary", ...calendars.map(({ id }) => id)].map(async (id) => ({
        kept: (
          await app.inject(`/_sandbox/events?${encode({ email: "ana@example.com", calendar: id })}`)
        ).json(),
        listed: (await calendarCaller(app, tokens, id)("GET")).json(),
      })),
    );
  const written = await everything(before);
  t.match(written, [
    { kept: { time_zone: "America/Bogota", events: [] } },
    { kept: { time_zone: "Europe/Madrid", events: [{ id: "lunch" }, { id: "patched" }] } },
    { kept: { calendar: "rooms@group.calendar.google.com", time_zone: "America/Bogota", events: [] } },
  ]);
  t.strictSame(await everything(startAfterKill(t, stateFile)), written);
  await before.close();

  const { app } = begin();
  t.strictSame(await everything(app), written);
  const call = calendarCaller(app, tokens, team.id);
  t.match((await call("GET", "/series_20270119T150000Z")).json(), { summary: "An exception" });
  t.equal((await call("DELETE", "/deleted")).statusCode, 410);
  await app.inject(control("accounts", { email: "ana@example.com" }));
  t.notMatch(readFileSync(stateFile, "utf8"), team.id.toLowerCase(), "made again without them");
});

t.test(
  "a refresh token that was to end with its successor's first use still does after a restart",
  async (t) => {
    const { stateFile } = prepareStateFile(t);
    const rotating = () => startSandbox(t, { stateFile, rotateRefreshTokens: true }).app;
    const before = rotating();
    const first = await signIn(before);
    const second = (await before.inject(refreshForm(first.refresh_token))).json<TokenResponse>();
    await before.close();
    const after = rotating();
    t.equal(await refreshStatus(after, second), 200);
    t.equal(await refreshStatus(after, first), 400);
  },
);

t.test("a restart finds accounts, consents, codes and tokens", async (t) => {
  const { begin } = prepareStateFile(t);
  const { app: before } = begin();
  const tokens = await signIn(before);
  const [unused, used] = [await answerConsent(before, { nonce: "n1" }), await answerConsent(before)];
  await before.inject(codeForm(used.get("code")));
  const userinfo = {
    url: "/oauth2/v3/userinfo",
    headers: { authorization: `Bearer ${tokens.access_token}` },
  };
  const identity = (await before.inject(userinfo)).json();
  await before.inject({ method: "POST", url: "/_sandbox/faults", payload: { path: "/", status: 503 } });
  await before.close();

  const { app, clock } = begin();
  t.strictSame((await app.inject("/_sandbox/calls")).json(), { total: 0, by: {} }, "but not the calls");
  t.equal((await calendarCaller(app, tokens)("GET")).statusCode, 200, "nor the faults");
  t.match(identity, { sub: /^\d{21}$/, email: "ana@example.com" });
  t.strictSame((await app.inject(userinfo)).json(), identity);
  t.match((await app.inject(refreshForm(tokens.refresh_token))).json(), { scope: tokens.scope });
  const { id_token } = (await app.inject(codeForm(unused.get("code")))).json();
  t.match(Buffer.from(id_token.split(".")[1], "base64url").toString(), '"nonce":"n1"');
  t.equal((await app.inject(codeForm(used.get("code")))).json().error, "invalid_grant", "a spent code");
  t.equal((await signIn(app)).refresh_token, undefined, "it isn't the first consent");
  const merged = await signIn(app, { scope: "openid", granted: undefined, include_granted_scopes: "true" });
  t.match(merged.scope, CALENDAR_SCOPE);
  clock.ms += 3599 * 1000;
  t.equal((await calendarCaller(app, tokens)("GET")).statusCode, 401, "tokens expire when they would have");
});

t.test("the hundred-and-first refresh token ends the first, however many restarts between", async (t) => {
  const { begin } = prepareStateFile(t);
  const tokens: TokenResponse[] = [];
  for (const upTo of [60, 100, 101]) {
    const { app } = begin();
    while (tokens.length < upTo) {
      tokens.push(await signIn(app, { prompt: "consent", scope: CALENDAR_SCOPE }));
    }
    const [first, second] = tokens;
    if (!first || !second) throw new Error("no tokens");
    t.equal(await refreshStatus(app, first), upTo > 100 ? 400 : 200);
    t.equal(await refreshStatus(app, second), 200);
    await app.close();
  }
});

t.test("what ended stays ended", async (t) => {
  const { stateFile, begin } = prepareStateFile(t);
  const { app } = begin();
  const code = (await answerConsent(app)).get("code");
  await app.inject(codeForm(code, { code_verifier: "wrong" }));
  t.equal((await startAfterKill(t, stateFile).inject(codeForm(code))).json().error, "invalid_grant");

  const expired = await signIn(app, { prompt: "consent" });
  await app.inject(control("expire-access-tokens"));
  const restarted = startAfterKill(t, stateFile);
  t.equal((await calendarCaller(restarted, expired)("GET")).statusCode, 401);
  t.equal(await refreshStatus(restarted, expired), 200);

  await app.inject(form("/revoke", { token: expired.refresh_token }));
  t.equal(await refreshStatus(startAfterKill(t, stateFile), expired), 400);
  const again = await signIn(app);
  t.ok(again.refresh_token);
  t.equal(
    await refreshStatus(startAfterKill(t, stateFile), expired),
    400,
    "nor does a new grant bring it back",
  );
  await app.inject(control("revoke", { email: "ana@example.com" }));
  const revoked = startAfterKill(t, stateFile);
  t.equal(await refreshStatus(revoked, again), 400);
  t.equal((await calendarCaller(revoked, again)("GET")).statusCode, 401);
});

t.test("a consent outlives the last of its tokens", async (t) => {
  const { stateFile, begin } = prepareStateFile(t);
  const { app } = begin();
  t.equal((await signIn(app, { access_type: "online" })).refresh_token, undefined);
  await app.inject(control("expire-access-tokens"));
  t.equal((await signIn(startAfterKill(t, stateFile))).refresh_token, undefined, "not the first consent");
});
