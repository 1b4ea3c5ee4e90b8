/**
 * What providers do differently, as named strategies: a table for each kind of difference, indexed by the names in the
 * definitions. Whatever is a mere value is in the definition.
 */

import { classifyAnswer, isClientRefused } from "../google/classify-answer.ts";
import { explainLoss } from "../google/explain-loss.ts";
import { type ClientAuthentication, clientAuthentications } from "./client-authentication.ts";
import type { Dialect } from "./dialect.ts";
import { type Identity, identities } from "./identity.ts";
import { type Pkce, pkces } from "./pkce.ts";
import { type Renewal, renewals } from "./renewal.ts";
import { type Revocation, revocations } from "./revocation.ts";

export type StrategyTables = {
  readonly pkce: Readonly<Record<string, Pkce>>;
  readonly clientAuthentication: Readonly<Record<string, ClientAuthentication>>;
  readonly identity: Readonly<Record<string, Identity>>;
  readonly renewal: Readonly<Record<string, Renewal>>;
  readonly revocation: Readonly<Record<string, Revocation>>;
  readonly dialect: Readonly<Record<string, Dialect>>;
};

export const strategies = {
  pkce: pkces,
  clientAuthentication: clientAuthentications,
  identity: identities,
  renewal: renewals,
  revocation: revocations,
  dialect: {
    google: { classify: classifyAnswer, isClientRefused, explainLoss },
  },
} satisfies StrategyTables;

export type StandardStrategies = typeof strategies;
