/** Every code a tool can answer with. The vocabulary is closed: agents branch on it. */
export type ToolErrorCode =
  | "not_connected"
  | "reconnect_required"
  | "slot_taken"
  | "outside_hours"
  | "too_soon"
  | "too_far"
  | "invalid_time"
  | "invalid_arguments"
  | "unknown_service"
  | "booking_not_found"
  | "idempotency_conflict"
  | "calendar_unavailable"
  | "rate_limited"
  | "unknown_customer"
  | "limit_reached";

type ToolErrorParts = {
  /** A sentence an agent may say aloud. */
  message: string;
  /** Whether the same call may succeed later. */
  retryable: boolean;
  /** What the agent should do now. */
  next_step: string;
  /** More fields of the answer, such as `alternatives`. */
  details?: Readonly<Record<string, unknown>>;
  cause?: unknown;
};

/** A failure the caller is told of. Anything else that is thrown is a bug of ours. */
export class ToolError extends Error {
  override readonly name = "ToolError";
  readonly code: ToolErrorCode;
  readonly retryable: boolean;
  readonly nextStep: string;
  readonly details: Readonly<Record<string, unknown>>;
  constructor(code: ToolErrorCode, { message, retryable, next_step, details = {}, cause }: ToolErrorParts) {
    super(message, { cause });
    this.code = code;
    this.retryable = retryable;
    this.nextStep = next_step;
    this.details = details;
  }

  /** The JSON object an agent reads. */
  toJSON(): { error: Record<string, unknown> } {
    const { code, message, retryable, nextStep } = this;
    return { error: { code, message, retryable, next_step: nextStep, ...this.details } };
  }
}
