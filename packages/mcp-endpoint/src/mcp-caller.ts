import type { AgentKeyAudience } from "@cita/calendar-api";
import type { FastifyBaseLogger } from "fastify";
import type { BoundAttendee } from "./bound-attendee.ts";

/** Who sent one exchange, as far as it is known before any tool looks at it. */
export type McpCaller = {
  /** Undefined: the request names no customer, or none that could exist. */
  readonly customerId: string | undefined;
  /** Whom the sender's key serves. With `attendee`, no appointment is reached unless `attendee` is set. */
  readonly audience: AgentKeyAudience;
  /** The person that the call is bound to; undefined: the headers named nobody. */
  readonly attendee: BoundAttendee | undefined;
  /** How long to wait, where too many requests have come for this customer: no tool is run then. */
  readonly waitSeconds: number | undefined;
  /** Its lines carry the request's id. */
  readonly log: FastifyBaseLogger;
  /**
   * What the caller is told of a failure instead. Given only where the caller is the business's own client on this
   * machine: nobody else may be shown a consent link.
   */
  readonly explainFailure?: (error: unknown) => Promise<unknown>;
};
