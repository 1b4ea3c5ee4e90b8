import { typedInputs } from "../account-consent.ts";
import { exampleOf, type Known } from "./example.ts";
import type { FuzzRequest, Header } from "./fuzz-request.ts";
import type { Random } from "./random.ts";
import type { Route } from "./routes.ts";
import { targetOf } from "./target-of.ts";
import type { WorldKnowledge } from "./world-knowledge.ts";

const json: Header = ["Content-Type", "application/json"];
const form: Header = ["Content-Type", "application/x-www-form-urlencoded"];

/** Of each kind of grant one, and each way to ask. */
const providers = [
  "HUBSPOT",
  "GMAIL",
  "FACEBOOK",
  "SHOPIFY",
  "SALESFORCE",
  "WOOCOMMERCE",
  "SENDGRID",
  "ZAPIER",
];

/** What a route of the integration service is made for. */
export function integrationsRequest(route: Route, world: WorldKnowledge, random: Random): FuzzRequest {
  const { method, path } = route;
  const known = knownOf(route, world);
  const isOfServices = path === "/events" || path === "/metrics";
  const key: Header = ["Authorization", `Bearer ${isOfServices ? world.serviceKey : world.adminKey}`];
  const request: FuzzRequest = {
    ...{ service: "integrations", method, target: targetOf(route, known, random), headers: [key] },
    ...{ route: `integrations ${method} ${path}`, isValid: true },
  };
  if (path.includes("/oauth/start/") || path.includes("/oauth/callback/"))
    return method === "POST" ? post(request, random) : comeBack(request, world, random);
  if (route.body === undefined) return request;
  return { ...request, headers: [key, json], body: JSON.stringify(exampleOf(route.body, known, random)) };
}

function knownOf({ method, path }: Route, { integrations }: WorldKnowledge): Known {
  const { ids, managedIds, userIds, states, redirectUri } = integrations;
  const isPathOf = (part: string) => path.includes(part);
  return {
    id: method === "DELETE" ? managedIds : [...ids, ...managedIds],
    // Removing somebody whom others ask about would leave their requests without anything that is there.
    userId: path === "/events" ? ["fuzz-removed"] : userIds,
    sessionId: userIds,
    organizationId: path === "/events" ? ["fuzz-removed"] : ["fuzz-1", "fuzz-2"],
    provider: isPathOf("/callback/") ? ["hubspot", "gmail", "woocommerce"] : providers,
    platform: ["hubspot", "meta-ads", "google"],
    state: states,
    redirectUri: [redirectUri],
    capabilities: [[]],
    metadata: [{}, { note: "Ana" }],
    revoke: ["all"],
    cursor: [""],
  };
}

/** What a person types, or what a store delivers. */
function post(request: FuzzRequest, random: Random): FuzzRequest {
  if (request.target.includes("/callback/")) {
    const body = { user_id: "unknown", consumer_key: "ck_0123456789", consumer_secret: "cs_0123456789" };
    return {
      ...request,
      target: "/integrations/oauth/callback/woocommerce",
      headers: [json],
      body: JSON.stringify(body),
    };
  }
  const typed = new URLSearchParams(random.pick(Object.values(typedInputs)));
  return { ...request, headers: [form, ["Accept", "text/html"]], body: typed.toString() };
}

/** As a browser returns from a provider; the code is one that it doesn't know. */
function comeBack(request: FuzzRequest, { integrations }: WorldKnowledge, random: Random): FuzzRequest {
  const accept: Header = ["Accept", "text/html"];
  if (!request.target.includes("/callback/")) return { ...request, headers: [accept] };
  const { attempts } = integrations;
  if (attempts.length === 0) return { ...request, headers: [accept] };
  const { state, cookie } = random.pick(attempts);
  const answer = random.pick(["code=unknown", "error=access_denied", "error=a&error=b", "code=", "scope=a"]);
  return {
    ...{ ...request, headers: [accept, ["Cookie", cookie]] },
    target: `${request.target}?state=${state}&user_id=${state}&${answer}`,
  };
}
