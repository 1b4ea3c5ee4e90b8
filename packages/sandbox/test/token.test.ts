import { createPublicKey, verify } from "node:crypto";
import type { InjectOptions } from "fastify";
import t from "tap";
import type { TokenResponse } from "../src/index.ts";
import {
  answerConsent,
  CALENDAR_SCOPE,
  calendarCaller,
  codeForm,
  form,
  type Params,
  refreshForm,
  signIn,
  startSandbox,
  VERIFIER,
} from "./sandbox-session.ts";

t.test("a code becomes tokens in Google's shape", async (t) => {
  const { app, clock } = startSandbox(t);
  const tokens = await signIn(app, { nonce: "n1" });
  t.match(tokens, {
    access_token: /^ya29\./,
    refresh_token: /^1\/\//,
    expires_in: 3599,
    token_type: "Bearer",
    scope: `openid https://www.googleapis.com/auth/userinfo.email ${CALENDAR_SCOPE}`,
  });

  const [header = "", payload = "", signature = ""] = String(tokens.id_token).split(".");
  const decode = (part: string) => JSON.parse(Buffer.from(part, "base64url").toString());
  const iat = Math.floor(clock.ms / 1000);
  t.match(decode(payload), {
    iss: "https://accounts.google.com",
    aud: "sandbox-client",
    sub: /^\d{21}$/,
    email: "ana@example.com",
    email_verified: true,
    nonce: "n1",
    iat,
    exp: iat + 3600,
  });
  const { keys } = (await app.inject("/oauth2/v3/certs")).json();
  t.equal(keys[0].kid, decode(header).kid);
  const key = createPublicKey({ key: keys[0], format: "jwk" });
  t.ok(verify("sha256", Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, "base64url")));

  const userinfo = {
    url: "/oauth2/v3/userinfo",
    headers: { authorization: `Bearer ${tokens.access_token}` },
  };
  t.strictSame((await app.inject(userinfo)).json(), {
    sub: decode(payload).sub,
    email: "ana@example.com",
    email_verified: true,
  });
  t.equal((await app.inject("/oauth2/v3/userinfo")).statusCode, 401);
});

t.test("a fault puts wrong claims into an id_token, and leaves out what is null", async (t) => {
  const { app } = startSandbox(t);
  const claimsOf = ({ id_token }: { id_token?: string }) =>
    JSON.parse(Buffer.from(id_token?.split(".")[1] ?? "", "base64url").toString());
  const right = claimsOf(await signIn(app));
  await app.inject({
    method: "POST",
    url: "/_sandbox/faults",
    payload: {
      path: "/token",
      times: 1,
      id_token: { iss: "https://elsewhere.example", email_verified: null },
    },
  });
  const { email_verified: _verified, ...others } = right;
  t.strictSame(claimsOf(await signIn(app)), { ...others, iss: "https://elsewhere.example" });
  t.strictSame(claimsOf(await signIn(app)), right);
});

t.test("openid and email are told apart", async (t) => {
  const { app } = startSandbox(t);
  t.equal((await signIn(app, { scope: CALENDAR_SCOPE })).id_token, undefined);
  const { id_token = "" } = await signIn(app, { scope: "openid", granted: undefined });
  const claims = JSON.parse(Buffer.from(id_token.split(".")[1] ?? "", "base64url").toString());
  t.equal(claims.email, undefined);
});

t.test("a code works once, for ten minutes, for its own redirect URI and verifier", async (t) => {
  const { app, clock } = startSandbox(t);
  const exchange = async (overrides: Params, before?: () => void) => {
    const code = (await answerConsent(app)).get("code");
    before?.();
    const response = await app.inject(codeForm(code, overrides));
    const again = await app.inject(codeForm(code));
    t.equal(again.json().error, "invalid_grant", "never twice");
    return { status: response.statusCode, ...response.json() };
  };
  t.match(await exchange({}), { status: 200, access_token: String });
  const wrong: [Params, string][] = [
    [{ redirect_uri: "http://localhost:60000/oauth/callback/" }, "redirect_uri_mismatch"],
    [{ redirect_uri: undefined }, "redirect_uri_mismatch"],
    [{ code_verifier: undefined }, "invalid_grant"],
    [{ code_verifier: `${VERIFIER}x` }, "invalid_grant"],
  ];
  for (const [overrides, error] of wrong) t.match(await exchange(overrides), { status: 400, error });
  const late = () => {
    clock.ms += 10 * 60_000;
  };
  t.match(await exchange({}, late), { status: 400, error: "invalid_grant" });
  t.match((await app.inject(codeForm("4/invented"))).json(), { error: "invalid_grant" });
});

t.test("a plain challenge is its own verifier", async (t) => {
  const { app } = startSandbox(t);
  const answer = await answerConsent(app, { code_challenge: VERIFIER, code_challenge_method: "plain" });
  t.equal((await app.inject(codeForm(answer.get("code")))).statusCode, 200);
});

t.test("the client says who it is in the form or with HTTP Basic", async (t) => {
  const { app } = startSandbox(t);
  const { refresh_token } = await signIn(app);
  const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString("base64")}` });
  const plain = refreshForm(refresh_token, { client_id: undefined, client_secret: undefined });
  const withBasic = (text: string) => ({ ...plain, headers: { ...plain.headers, ...basic(text) } });
  t.equal((await app.inject(withBasic("sandbox-client:sandbox-secret"))).statusCode, 200);

  const refused: [InjectOptions, number, string][] = [
    [plain, 400, "invalid_request"],
    [withBasic("sandbox-client:wrong"), 401, "invalid_client"],
    [withBasic("%zz:wrong"), 401, "invalid_client"],
    [refreshForm(refresh_token, { client_id: "other" }), 401, "invalid_client"],
    [refreshForm(refresh_token, { client_secret: "wrong" }), 401, "invalid_client"],
    [refreshForm(refresh_token, { client_secret: undefined }), 400, "invalid_request"],
    [refreshForm(refresh_token, { grant_type: undefined }), 400, "invalid_request"],
    [refreshForm(refresh_token, { grant_type: "password" }), 400, "unsupported_grant_type"],
    [refreshForm(undefined), 400, "invalid_request"],
    [codeForm(null), 400, "invalid_request"],
  ];
  for (const [request, status, error] of refused) {
    const response = await app.inject(request);
    t.match(
      { status: response.statusCode, ...response.json() },
      { status, error, error_description: String },
    );
  }
});

t.test("a refresh token comes offline, with the first consent or prompt=consent", async (t) => {
  const { app } = startSandbox(t);
  t.equal(
    (await signIn(app, { account: "on@example.com", access_type: undefined })).refresh_token,
    undefined,
  );
  t.ok((await signIn(app)).refresh_token, "first consent");
  t.equal((await signIn(app)).refresh_token, undefined, "second consent");
  t.ok((await signIn(app, { prompt: "consent" })).refresh_token, "asked for again");
  await app.inject({ method: "POST", url: "/_sandbox/revoke", payload: { email: "ana@example.com" } });
  t.ok((await signIn(app)).refresh_token, "first consent after revoking");
});

t.test("refreshing gives a new access token and keeps the refresh token", async (t) => {
  const { app } = startSandbox(t);
  const first = await signIn(app);
  const second = (await app.inject(refreshForm(first.refresh_token))).json<TokenResponse>();
  t.not(second.access_token, first.access_token);
  t.equal(second.refresh_token, undefined);
  t.ok(second.id_token);
  t.equal(second.scope, first.scope);
  for (const tokens of [first, second]) t.equal((await calendarCaller(app, tokens)("GET")).statusCode, 200);
});

t.test("a rotating sandbox ends a refresh token when the one that replaces it is used", async (t) => {
  const { app } = startSandbox(t, { rotateRefreshTokens: true });
  const refresh = async (token: string | undefined) =>
    (await app.inject(refreshForm(token))).json<TokenResponse & { error?: string }>();
  const { refresh_token: first } = await signIn(app);
  const { refresh_token: lost } = await refresh(first);
  const { refresh_token: second } = await refresh(first);
  t.ok(lost && second && second !== lost && second !== first, "an answer that got lost is given again");
  const { refresh_token: third } = await refresh(second);
  t.equal((await refresh(first)).error, "invalid_grant");
  t.ok((await refresh(second)).refresh_token, "the third hasn't been used yet");
  t.ok((await refresh(third)).refresh_token);
  t.equal((await refresh(second)).error, "invalid_grant");
});

t.test("access tokens expire by the clock and on demand", async (t) => {
  const { app, clock } = startSandbox(t);
  const tokens = await signIn(app);
  clock.ms += 3599 * 1000;
  t.equal((await calendarCaller(app, tokens)("GET")).statusCode, 401);
  const fresh = (await app.inject(refreshForm(tokens.refresh_token))).json<TokenResponse>();
  t.equal((await calendarCaller(app, fresh)("GET")).statusCode, 200);
  t.strictSame((await app.inject({ method: "POST", url: "/_sandbox/expire-access-tokens" })).json(), {
    expired: 1,
  });
  t.equal((await calendarCaller(app, fresh)("GET")).statusCode, 401);
  t.equal((await app.inject(refreshForm(tokens.refresh_token))).statusCode, 200, "refresh tokens live on");
});

t.test("revoking either token ends the whole grant", async (t) => {
  for (const kind of ["access_token", "refresh_token"] as const) {
    const { app } = startSandbox(t);
    const tokens = await signIn(app);
    const other = await signIn(app, { account: "other@example.com" });
    const token = tokens[kind];
    const inQuery = { method: "POST", url: `/revoke?token=${encodeURIComponent(token ?? "")}` } as const;
    const revoked = await app.inject(kind === "access_token" ? inQuery : form("/revoke", { token }));
    t.equal(revoked.statusCode, 200);
    t.equal((await calendarCaller(app, tokens)("GET")).statusCode, 401);
    t.match((await app.inject(refreshForm(tokens.refresh_token))).json(), {
      error: "invalid_grant",
      error_description: "Token has been expired or revoked.",
    });
    t.equal((await calendarCaller(app, other)("GET")).statusCode, 200, "others are left alone");
    t.match((await app.inject(form("/revoke", { token }))).json(), { error: "invalid_token" });
    t.equal((await app.inject(form("/revoke", {}))).json().error, "invalid_request");
  }
});

t.test("revoking an account from the control ends its tokens and codes", async (t) => {
  const { app } = startSandbox(t);
  const tokens = await signIn(app);
  const code = (await answerConsent(app)).get("code");
  const revoke = { method: "POST", url: "/_sandbox/revoke", payload: { email: "Ana@example.com" } } as const;
  t.strictSame((await app.inject(revoke)).json(), { revoked: 1 });
  t.equal((await calendarCaller(app, tokens)("GET")).statusCode, 401);
  t.equal((await app.inject(refreshForm(tokens.refresh_token))).json().error, "invalid_grant");
  t.equal((await app.inject(codeForm(code))).json().error, "invalid_grant");
});

t.test("the hundred-and-first refresh token ends the first", async (t) => {
  const { app } = startSandbox(t);
  const tokens: (string | undefined)[] = [];
  for (let i = 0; i < 101; i++) {
    tokens.push((await signIn(app, { prompt: "consent", scope: CALENDAR_SCOPE })).refresh_token);
  }
  t.equal((await app.inject(refreshForm(tokens[0]))).json().error, "invalid_grant");
  t.equal((await app.inject(refreshForm(tokens[1]))).statusCode, 200);
  t.equal((await app.inject(refreshForm(tokens[100]))).statusCode, 200);
});

t.test("an unticked calendar box leaves a token that can't read it", async (t) => {
  const { app } = startSandbox(t);
  const tokens = await signIn(app, { granted: undefined });
  t.equal(tokens.scope, "openid https://www.googleapis.com/auth/userinfo.email");
  const response = await calendarCaller(app, tokens)("GET");
  t.equal(response.statusCode, 403);
  t.match(response.headers["www-authenticate"], "insufficient_scope");
  t.match(response.json(), {
    error: {
      code: 403,
      errors: [{ domain: "global", reason: "insufficientPermissions" }],
      status: "PERMISSION_DENIED",
      details: [{ reason: "ACCESS_TOKEN_SCOPE_INSUFFICIENT" }],
    },
  });
});

t.test("include_granted_scopes adds what was allowed before", async (t) => {
  const { app } = startSandbox(t);
  await signIn(app);
  t.notMatch((await signIn(app, { scope: "openid", granted: undefined })).scope, CALENDAR_SCOPE);
  const merged = await signIn(app, { scope: "openid", granted: undefined, include_granted_scopes: "true" });
  t.match(merged.scope, CALENDAR_SCOPE);
});

t.test("a read-only grant reads and doesn't write", async (t) => {
  const { app } = startSandbox(t);
  const scope = `${CALENDAR_SCOPE}.readonly`;
  const call = calendarCaller(app, await signIn(app, { scope, granted: scope }));
  t.equal((await call("GET")).statusCode, 200);
  t.equal((await call("POST", "", { payload: {} })).statusCode, 403);
});
