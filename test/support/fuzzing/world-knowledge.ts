import type { Answer } from "./exchange.ts";
import type { Service } from "./fuzz-request.ts";

/** What requests can name so that they get further than "there is no such thing". It grows by the answers. */
export type WorldKnowledge = {
  readonly serviceKey: string;
  readonly adminKey: string;
  /** The platform's, never revoked by a request. */
  readonly agentKey: string;
  readonly agentKeyId: string;
  /** Connected, and never disconnected by a request. */
  readonly customerIds: readonly string[];
  /** Theirs to be disconnected, too. */
  readonly managedIds: readonly string[];
  /** Free when it began. */
  readonly startTimes: readonly string[];
  readonly linkTokens: readonly string[];
  /** Ids and cursors that stood in answers, by the parameter that takes them. */
  readonly learnt: Record<string, string[]>;
  /** What a browser that comes back from Google would bring. */
  readonly attempts: { state: string; cookie: string }[];
  readonly integrations: IntegrationKnowledge;
};

/** Of the integration service: what is there, and what a browser brings from a provider. */
export type IntegrationKnowledge = {
  /** Connected, and never disconnected by a request. */
  readonly ids: readonly string[];
  /** Theirs to be disconnected, too. */
  readonly managedIds: readonly string[];
  readonly userIds: readonly string[];
  readonly redirectUri: string;
  /** Consents that are under way, and grow with the answers. */
  readonly states: string[];
  readonly attempts: { state: string; cookie: string }[];
};

const mostKept = 200;

/** What a later request can name, taken from an answer. */
export function learn(
  { learnt, attempts, agentKeyId, integrations }: WorldKnowledge,
  service: Service,
  { text, headers }: Answer,
): void {
  const state = /[?&](?:state|user_id)=([\w-]+)/.exec(headers.location ?? "")?.[1];
  const cookie = headers["set-cookie"]?.map((one) => one.split(";")[0]).join("; ");
  const brought = service === "integrations" ? integrations.attempts : attempts;
  if (state !== undefined && cookie !== undefined) keep(brought, { state, cookie });
  if (service === "integrations") {
    keep(integrations.states, /"state":"([\w-]{43})"/.exec(text)?.[1]);
    return;
  }
  for (const [, name = "", quoted, number] of text.matchAll(namedValue)) {
    if (name === "key_id" && number === agentKeyId) continue;
    const parameter = name === "next_cursor" ? "cursor" : name;
    learnt[parameter] ??= [];
    keep(learnt[parameter], quoted ?? number);
  }
}

/** Customers are known from the beginning. */
const namedValue = /"((?!customer_id)[a-z]+_id|next_cursor)":(?:"([^"\\]{1,200})"|(\d+))/g;

function keep<Item>(items: Item[], item: Item | undefined): void {
  if (item === undefined) return;
  items.push(item);
  if (items.length > mostKept) items.shift();
}
