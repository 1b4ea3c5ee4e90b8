import { generateKeyPair, SignJWT } from "jose";
import t, { type Test } from "tap";
import { connectAccount } from "./support/account-consent.ts";
import { providerOf } from "./support/account-faults.ts";
import {
  createIntegrationsWorld,
  type IntegrationsWorld,
  redirectUri,
} from "./support/integrations-world.ts";
import { listRoutes, type Route } from "./support/list-routes.ts";
import { addPerson } from "./support/people.ts";
import { adminKey, serviceKey } from "./support/test-keys.ts";
import { createWorld } from "./support/world.ts";

/**
 * Every route, at everybody's integration, by every kind of caller. What is expected follows from who a caller is and whose
 * the integration is; the routes are the app's own, and one that no rule is for fails.
 */

type Caller = {
  readonly name: string;
  readonly bearer: string | null;
  /** Undefined: nobody. */
  readonly is: "program" | "admin" | "member" | "viewer" | undefined;
  /** ADMIN_API_KEY opens what people do, and not what services tell each other. */
  readonly isService: boolean;
  readonly userId: string;
  readonly customers: readonly string[];
};

type Target = {
  readonly id: string;
  readonly userId: string;
  readonly organizationId: string | null;
  readonly mark: string;
};

const mayRead = ({ is, userId, customers }: Caller, target: Pick<Target, "userId" | "organizationId">) =>
  is === "program" ||
  is === "admin" ||
  (is !== undefined &&
    (target.organizationId === null ? target.userId === userId : customers.includes(target.organizationId)));

const mayWrite = (caller: Caller, target: Pick<Target, "userId" | "organizationId">) =>
  mayRead(caller, target) && caller.is !== "viewer";

const seesEverything = ({ is }: Caller) => is === "program" || is === "admin";

type Request = { readonly method: string; readonly path: string; readonly body?: object };
type Expected = { readonly status: number; readonly code?: string };

/** What a route is asked about a target, and what a caller who is known is to be answered. */
type Rule = {
  readonly fits: (route: Route) => boolean;
  readonly ask: (route: Route, target: Target) => Request;
  readonly expect: (caller: Caller, target: Target, route: Route) => Expected;
};

const ok: Expected = { status: 200 };
const isReading = ({ method }: Route) => method === "GET" || method === "HEAD";

const rules: readonly Rule[] = [
  {
    fits: ({ path }) => path === "/integrations/providers" || path === "/integrations/event-types",
    ask: ({ method, path }) => ({ method, path }),
    expect: () => ok,
  },
  {
    fits: ({ path }) => /^\/integrations\/:id(?:\/|$)/.test(path),
    ask: ({ method, path }, { id }) => ({
      ...{ method, path: path.replace(":id", id) },
      ...(method === "PATCH" && { body: { metadata: { asked: true } } }),
    }),
    expect(caller, target, route) {
      if (!mayRead(caller, target)) return { status: 404, code: "INTEGRATION_NOT_FOUND" };
      return isReading(route) || mayWrite(caller, target) ? ok : { status: 403, code: "FORBIDDEN" };
    },
  },
  {
    fits: ({ path }) => path === "/integrations/user/:userId",
    ask: ({ method, path }, { userId }) => ({ method, path: path.replace(":userId", userId) }),
    expect: (caller, { userId }) =>
      seesEverything(caller) || caller.userId === userId ? ok : { status: 403, code: "FORBIDDEN" },
  },
  {
    fits: ({ path }) => path === "/integrations/organization/:organizationId",
    ask: ({ method, path }, { organizationId }) => ({
      method,
      path: path.replace(":organizationId", organizationId ?? "of-nobody"),
    }),
    expect: (caller, { organizationId }) =>
      mayRead(caller, { userId: "", organizationId: organizationId ?? "of-nobody" })
        ? ok
        : { status: 403, code: "FORBIDDEN" },
  },
  {
    fits: ({ method, path }) => method === "POST" && path === "/integrations/oauth/initiate",
    ask: ({ method, path }, { userId, organizationId }) => ({
      ...{ method, path },
      body: { userId, organizationId, provider: "HUBSPOT", redirectUri },
    }),
    expect: (caller, target) =>
      mayWrite(caller, target) && (seesEverything(caller) || caller.userId === target.userId)
        ? ok
        : { status: 403, code: "FORBIDDEN" },
  },
  {
    fits: ({ method, path }) => method === "POST" && path === "/oauth/connect/:platform",
    ask: ({ method }, { userId }) => ({
      method,
      path: "/oauth/connect/hubspot",
      body: { sessionId: userId },
    }),
    expect: (caller, { userId }) =>
      mayWrite(caller, { userId, organizationId: null }) ? ok : { status: 403, code: "FORBIDDEN" },
  },
  {
    fits: ({ method, path }) => method === "POST" && path === "/events",
    ask: ({ method, path }) => ({
      ...{ method, path },
      body: { type: "user.deleted", data: { userId: "nobody-at-all" } },
    }),
    expect: ({ isService }) => (isService ? ok : { status: 401, code: "UNAUTHORIZED" }),
  },
];

/** Of webhooks and live events, whose walks are in `integrations-webhook-access` and `integrations-live`. */
const isWalkedElsewhere = ({ method, path }: Route) =>
  path.startsWith("/integrations/webhooks") || path === "/ws" || (path === "/events" && method === "GET");

/** Open to anybody: probes, documentation, and what only a state opens. */
const isOpen = ({ path }: Route) =>
  /^\/(?:health|ready|metrics|docs(?:[/*].*)?|(?:integrations\/)?oauth\/(?:start|callback)\/:\w+)$/.test(
    path,
  );

async function setUp(t: Test) {
  const people = await createWorld(t, {});
  for (const id of ["luna", "sol"]) await people.connect(id);
  const world = await createIntegrationsWorld(t, {
    variables: {
      ...{ ADMIN_URL: people.adminUrl, ADMIN_PUBLIC_URL: people.adminUrl },
      ...{ FAILED_KEYS_PER_MINUTE: "100000", CONSENTS_PER_MINUTE: "100000" },
    },
    begin: Date.now(),
  });
  const person = async (name: string, is: "admin" | "member" | "viewer", customers: readonly string[]) => {
    const added = await addPerson(people, {
      email: `${name}@example.com`,
      role: is,
      customer_ids: customers,
    });
    return { ...{ name, is, customers, isService: false }, bearer: added.accessToken, userId: added.user.id };
  };
  const member = await person("mia", "member", ["luna"]);
  const other = await person("saul", "member", ["sol"]);
  const viewer = await person("vera", "viewer", ["luna"]);
  const program = { is: "program", userId: "", customers: [] } as const;
  const nobody = { is: undefined, isService: false, userId: "", customers: [] };
  const { privateKey } = await generateKeyPair("EdDSA");
  const forged = await new SignJWT({ userId: member.userId, email: "mia@example.com", role: "admin" })
    .setProtectedHeader({ alg: "EdDSA", typ: "JWT" })
    .setSubject(member.userId)
    .setIssuer(people.adminUrl)
    .setAudience("cita")
    .setIssuedAt()
    .setExpirationTime("10m")
    .sign(privateKey);
  const callers: readonly Caller[] = [
    { ...program, name: "the admin key", bearer: adminKey, isService: false },
    { ...program, name: "the service key", bearer: serviceKey, isService: true },
    await person("ana", "admin", []),
    member,
    other,
    viewer,
    await person("paula", "member", []),
    { ...nobody, name: "nobody", bearer: null },
    { ...nobody, name: "a wrong key", bearer: `${adminKey.slice(0, -1)}x` },
    { ...nobody, name: "a forged token", bearer: forged },
  ];
  const owners = [
    { userId: member.userId, organizationId: null },
    { userId: other.userId, organizationId: null },
    { userId: member.userId, organizationId: "luna" },
    { userId: other.userId, organizationId: "sol" },
    { userId: "somebody-else", organizationId: "luna" },
    // Connected while they were a member, or by a program.
    { userId: viewer.userId, organizationId: null },
  ];
  const targets: Target[] = [];
  for (const [i, { userId, organizationId }] of owners.entries()) {
    const mark = `mark-${i}-of-one-owner`;
    const { integrationId } = await connectAccount(world, providerOf("hubspot"), {
      ...{ userId, account: `${mark}@example.com`, metadata: { mark } },
      ...(organizationId !== null && { organizationId }),
    });
    if (integrationId === null) throw new Error("it isn't connected");
    await world.api("PATCH", `/integrations/${integrationId}`, { name: mark });
    targets.push({ id: integrationId, userId, organizationId, mark });
  }
  return { world, callers, targets };
}

type Step = { readonly rule: Rule; readonly route: Route; readonly caller: Caller; readonly target: Target };

/** Asks, and compares the answer with the rule's; nothing of another's stands in any of them. @returns what is wrong */
async function findFaults(
  { world, targets }: { world: IntegrationsWorld; targets: readonly Target[] },
  { rule, route, caller, target }: Step,
): Promise<string[]> {
  const { method, path, body } = rule.ask(route, target);
  const answer = await world.api(method, path, body, caller.bearer);
  const expected: Expected =
    caller.is === undefined ? { status: 401, code: "UNAUTHORIZED" } : rule.expect(caller, target, route);
  const text = JSON.stringify(answer.body);
  const isRefused = expected.status !== 200;
  const code = method === "HEAD" ? undefined : expected.code;
  const shown = targets.filter(({ mark }) => text.includes(mark));
  const listed = targets.filter((one) => one.userId === target.userId && mayRead(caller, one));
  const isList = route.path === "/integrations/user/:userId" && method === "GET" && !isRefused;
  const faults = [
    answer.status !== expected.status && `${answer.status} instead of ${expected.status}`,
    code !== undefined && answer.body?.error?.code !== code && `${text} instead of ${code}`,
    shown.some((one) => isRefused || !mayRead(caller, one)) && `it tells of others: ${text}`,
    isList && shown.length !== listed.length && `${shown.length} are listed instead of ${listed.length}`,
  ];
  const what = `${method} ${route.path} of ${target.mark}, ${caller.name}`;
  return faults.flatMap((fault) => (fault === false ? [] : [`${what}: ${fault}`]));
}

t.test("every route, at everybody's integration, by every caller", async (t) => {
  const { world, callers, targets } = await setUp(t);
  const routes = listRoutes(world.app).filter(
    (route) => route.method !== "OPTIONS" && !isOpen(route) && !isWalkedElsewhere(route),
  );
  const planned = routes.map((route) => ({ route, rule: rules.find(({ fits }) => fits(route)) }));
  t.strictSame(
    planned.flatMap(({ route, rule }) => (rule === undefined ? [`${route.method} ${route.path}`] : [])),
    [],
    "there is a rule for each route",
  );
  const walk: readonly Step[] = planned.flatMap(({ route, rule }) =>
    rule === undefined
      ? []
      : callers.flatMap((caller) => targets.map((target) => ({ rule, route, caller, target }))),
  );
  const isAllowed = ({ rule, caller, target, route }: Step) =>
    caller.is !== undefined && rule.expect(caller, target, route).status === 200;
  const snapshot = () => Promise.all(targets.map(({ id }) => world.services.integrations.findAccess(id)));

  const goThrough = async (steps: readonly Step[]) => {
    const faults: string[] = [];
    for (const step of steps) faults.push(...(await findFaults({ world, targets }, step)));
    return faults;
  };

  const before = await snapshot();
  t.strictSame(await goThrough(walk.filter((step) => !isAllowed(step))), [], "refused");
  t.strictSame(await snapshot(), before, "whoever was refused has changed nothing");
  const allowed = walk.filter(isAllowed);
  const isEnd = ({ route }: Step) => route.method === "DELETE";
  // What was disconnected can't be renewed any more.
  t.strictSame(await goThrough(allowed.filter((step) => !isEnd(step))), [], "allowed");
  t.strictSame(await goThrough(allowed.filter(isEnd)), [], "ended");
  t.ok(allowed.length > 100 && walk.length - allowed.length > 300, `${allowed.length} of ${walk.length}`);

  world.clock.now += 16 * 60_000;
  const ofPeople = walk.filter(({ caller, target }) => caller.is !== "program" && target === targets[0]);
  const expired = ofPeople.map((step) => ({ ...step, caller: { ...step.caller, is: undefined } }));
  t.strictSame(await goThrough(expired), [], "an expired token is nobody's");
});
