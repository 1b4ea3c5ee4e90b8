import { schedule } from "@cita/calendar-api";
import { z } from "zod";
import { exampleOf, type Known } from "./example.ts";
import type { FuzzRequest, Header } from "./fuzz-request.ts";
import { integrationsRequest } from "./integrations-request.ts";
import { type ListedTool, rpcMessage } from "./json-rpc.ts";
import type { Random } from "./random.ts";
import type { JsonSchema, Route } from "./routes.ts";
import { targetOf } from "./target-of.ts";
import type { WorldKnowledge } from "./world-knowledge.ts";

const json: Header = ["Content-Type", "application/json"];
const form: Header = ["Content-Type", "application/x-www-form-urlencoded"];

/** Bodies that are checked elsewhere than by their route. */
const undeclaredBodies: Readonly<Record<string, JsonSchema>> = {
  "calendar PUT /customers/:customer_id/schedule": z.toJSONSchema(schedule, { io: "input" }),
};

/** What a route is made for. */
export function validRequest(
  route: Route,
  world: WorldKnowledge,
  tools: readonly ListedTool[],
  random: Random,
): FuzzRequest {
  const { service, method, path } = route;
  const name = `${service} ${method} ${path}`;
  if (service === "integrations") return integrationsRequest(route, world, random);
  const known = knownOf(route, world);
  const request = {
    service,
    method,
    target: targetOf(route, known, random),
    headers: [keyOf(route, world)],
    route: name,
    isValid: true,
  };
  if (path === "/mcp") return mcpRequest(request, world, tools, known, random);
  if (path === "/oauth/callback") return comeBack(request, world, random);
  if (path.startsWith("/connect/:token") && method === "POST")
    return { ...request, headers: [form], body: "" };
  const schema = route.body ?? undeclaredBodies[name];
  if (schema === undefined) return request;
  const body = JSON.stringify(exampleOf(schema, known, random));
  return { ...request, headers: [...request.headers, json], body };
}

/** Removing a customer that others ask about would leave their requests without any that is there. */
const removedIds = ["fuzz-removed"];

/** By the names of parameters and members. Who may be disconnected is one of the managed. */
function knownOf({ method, path }: Route, world: WorldKnowledge): Known {
  const { managedIds, customerIds, startTimes } = world;
  const isSafe = method !== "DELETE" && !path.endsWith("/authorize") && !path.endsWith("/connect");
  const isRemoval = method === "DELETE" && path.endsWith("customers/:customer_id");
  const unsafeIds = isRemoval ? removedIds : managedIds;
  const ids = isSafe ? [...managedIds, ...customerIds] : unsafeIds;
  return {
    ...world.learnt,
    customer_id: ids,
    customer_ids: ids,
    token: world.linkTokens,
    provider: ["google"],
    start_iso: startTimes,
    date_iso: startTimes.map((start) => start.slice(0, 10)),
    from: startTimes,
    to: startTimes,
    date: startTimes.map((start) => start.slice(0, 10)),
    phone: ["+57 300 123 4567", "+15551234567"],
    attendee_phone: ["+57 300 123 4567", "+15551234567"],
    service: ["appointment", "haircut"],
    time_zone: [null, "America/Bogota", "Asia/Kathmandu", "America/New_York"],
    country: [null, "CO", "DE"],
    start: ["09:00", "00:00", "22:00"],
    end: ["12:00", "24:00", "02:00"],
  };
}

function keyOf({ service, path }: Route, { serviceKey, adminKey }: WorldKnowledge): Header {
  const isOfPeople = service === "admin" && !path.startsWith("/internal/");
  return ["Authorization", `Bearer ${isOfPeople ? adminKey : serviceKey}`];
}

function mcpRequest(
  request: FuzzRequest,
  { managedIds, customerIds, agentKey }: WorldKnowledge,
  tools: readonly ListedTool[],
  known: Known,
  random: Random,
): FuzzRequest {
  const customer: Header = ["X-Customer-Id", random.pick([...customerIds, ...customerIds, ...managedIds])];
  // Where the header alone is trusted, a key that is sent counts all the same.
  const caller: Header[] = random.chance(0.5)
    ? [customer]
    : [customer, ["Authorization", `Bearer ${agentKey}`]];
  if (request.method !== "POST") return { ...request, headers: caller };
  const { headers, body, isValid } = rpcMessage(tools, known, random);
  return { ...request, headers: [...caller, json, ...headers], body, isValid };
}

/** As a browser returns from Google; the code is one Google doesn't know. */
function comeBack(request: FuzzRequest, { attempts }: WorldKnowledge, random: Random): FuzzRequest {
  if (attempts.length === 0) return request;
  const { state, cookie } = random.pick(attempts);
  const answer = random.pick([
    "code=4/0Aunknown",
    "error=access_denied",
    "error=server_error",
    "code=",
    "scope=a",
  ]);
  return { ...request, target: `${request.target}?state=${state}&${answer}`, headers: [["Cookie", cookie]] };
}
