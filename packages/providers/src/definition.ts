import type { StandardStrategies, StrategyTables } from "./strategies/strategies.ts";

/** The endpoints of a provider's authorization server. */
export type Endpoints = {
  readonly authorizationUrl: string;
  readonly tokenUrl: string;
  /** Null: the provider has none. */
  readonly revocationUrl: string | null;
};

/** Names of environment variables. */
export type ClientVariables = { readonly id: string; readonly secret: string };

/** What is only data about a provider. */
export type ProviderData = {
  /** Stands in tables, paths and redirect URIs: lower case, digits and hyphens. */
  readonly id: string;
  /** What people call it. */
  readonly name: string;
  /** The page, without a protocol, on which people end an access; null: there is none to name. */
  readonly accessPage: string | null;
  readonly endpoints: Endpoints;
  /** The variables by which an operator names other endpoints; null: there are none. */
  readonly endpointVariables: Readonly<Record<keyof Endpoints, string>> | null;
  /** The variables of our OAuth client there: its own, then those of its group. */
  readonly clientVariables: readonly ClientVariables[];
  /** The path of our redirect URI. It differs between any two providers (RFC 9700, section 4.4.2). */
  readonly callbackPath: string;
  /** The issuers (`iss`) of its id_tokens and authorization responses. */
  readonly issuers: readonly string[];
  readonly scopes: readonly string[];
  /** The variable by which an operator asks for other scopes; null: there is none. */
  readonly scopesVariable: string | null;
  /** Those of the requested scopes that have this part are required. */
  readonly requiredScopePart: string;
  readonly scopeSeparator: " " | ",";
  /** Parameters of the authorization request that only this provider has. */
  readonly authorizationParameters: Readonly<Record<string, string>>;
  /** The parameter that names the expected account; null: there is none. */
  readonly loginHintParameter: string | null;
  /** How long a `state` is valid, in milliseconds. */
  readonly stateLifetimeMs: number;
  /** After how many days without a renewal the provider ends a grant; null: never. */
  readonly idleLimitDays: number | null;
};

/**
 * A provider as it is written down: data, and the names of strategies in typed tables.
 * @typeParam Tables may be larger than ours, for a provider with a strategy of its own.
 */
export type ProviderDefinition<Tables extends StrategyTables = StandardStrategies> = ProviderData & {
  readonly [Strategy in keyof StrategyTables]: keyof Tables[Strategy] & string;
};

/** A provider with its strategies. */
export type Provider = ProviderData & {
  readonly [Strategy in keyof StrategyTables]: StrategyTables[Strategy][string];
};

/** Looks up the strategies of each definition. A name that is in no table is a type error. */
export function defineProviders<const Tables extends StrategyTables>(
  tables: Tables,
  definitions: readonly NoInfer<ProviderDefinition<Tables>>[],
): readonly Provider[] {
  return definitions.map((definition) => ({
    ...definition,
    pkce: lookUp(tables.pkce, definition.pkce),
    clientAuthentication: lookUp(tables.clientAuthentication, definition.clientAuthentication),
    identity: lookUp(tables.identity, definition.identity),
    renewal: lookUp(tables.renewal, definition.renewal),
    revocation: lookUp(tables.revocation, definition.revocation),
    dialect: lookUp(tables.dialect, definition.dialect),
  }));
}

/** Checked by its types: with an index signature the entry might be undefined. */
function lookUp<Table, Name extends keyof Table>(table: Table, name: Name): Table[Name] {
  return table[name];
}
