import type { Language } from "@cita/scheduling";

/** A text in each language. */
export type LocalizedText = (language: Language) => string;

/** Every code of a tool error. The vocabulary is closed, because agents branch on it. */
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
  /** A sentence an agent may say aloud, in the business's language. */
  message: LocalizedText;
  /** Whether the same call may succeed later. */
  retryable: boolean;
  /** What the agent should do now. In English: it is for the model. */
  next_step: string;
  /** Further members of the error, such as `alternatives`. */
  details?: Details | ((language: Language) => Details);
  /** A page that the person has to open. Only for the business's own client. */
  opens?: PageToOpen;
  cause?: unknown;
};

/** A page, and why the person has to open it. */
export type PageToOpen = { readonly url: string; readonly reason: LocalizedText };

type Details = Readonly<Record<string, unknown>>;

/** The JSON that an agent gets. */
type ToolErrorBody = {
  error: {
    code: ToolErrorCode;
    message: string;
    retryable: boolean;
    next_step: string;
    [detail: string]: unknown;
  };
};

/**
 * A failure that is returned to the agent. `toBody` chooses the language, which a tool doesn't know when it throws;
 * `message` is in English, for the log. Any other error of a tool is a bug.
 */
export class ToolError extends Error {
  override readonly name = "ToolError";
  readonly code: ToolErrorCode;
  readonly retryable: boolean;
  readonly nextStep: string;
  /** The message in any language. */
  readonly localized: LocalizedText;
  readonly opens: PageToOpen | undefined;
  readonly #details: Details | ((language: Language) => Details);
  constructor(
    code: ToolErrorCode,
    { message, retryable, next_step, details = {}, opens, cause }: ToolErrorParts,
  ) {
    super(message("en"), { cause });
    this.code = code;
    this.retryable = retryable;
    this.nextStep = next_step;
    this.localized = message;
    this.opens = opens;
    this.#details = details;
  }

  /** The JSON for the agent, with the message in a language. */
  toBody(language: Language): ToolErrorBody {
    const { code, retryable, nextStep } = this;
    const message = this.localized(language);
    const details = typeof this.#details === "function" ? this.#details(language) : this.#details;
    return { error: { code, message, retryable, next_step: nextStep, ...details } };
  }
}
