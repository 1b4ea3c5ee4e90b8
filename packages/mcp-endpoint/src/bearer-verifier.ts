import type { AgentKeyAudience } from "@cita/calendar-api";

/** Whom a bearer token lets its holder act for. */
export type AgentCredential = {
  /** The one customer it is for; undefined: whichever customer the request names. */
  readonly customerId: string | undefined;
  readonly audience: AgentKeyAudience;
};

/** What the request tells of how a token is used, for the record of its last use. */
export type BearerUse = {
  /** Whether it names the person it is for. */
  readonly namesAttendee: boolean;
};

/**
 * Turns a bearer token (RFC 6750) into what it stands for; undefined where it stands for nothing, for
 * whatever reason. Agent keys are one; the access tokens of an authorization server will be another.
 */
export type BearerVerifier = (token: string, use: BearerUse) => Promise<AgentCredential | undefined>;
