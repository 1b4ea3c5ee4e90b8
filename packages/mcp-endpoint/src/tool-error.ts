import type { Language } from "@cita/scheduling";

/** A text in whichever language the business's customers are spoken to. */
export type LocalizedText = (language: Language) => string;

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
  /** A sentence an agent may say aloud, in the business's language. */
  message: LocalizedText;
  /** Whether the same call may succeed later. */
  retryable: boolean;
  /** What the agent should do now. In English: it is for the model. */
  next_step: string;
  /** More fields of the answer, such as `alternatives`. */
  details?: Details | ((language: Language) => Details);
  /** A page that the person has to open. Only for the business's own client. */
  opens?: PageToOpen;
  cause?: unknown;
};

/** A page, and why it is to be opened, for a client that shows the link itself. */
export type PageToOpen = { readonly url: string; readonly reason: LocalizedText };

type Details = Readonly<Record<string, unknown>>;

/** What an agent is sent. */
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
 * A failure the caller is told of. The language is chosen by `toBody`, because a tool doesn't know it when it throws;
 * `message` is English, for the log. Anything else that is thrown is a bug of ours.
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

  /** The object that an agent reads, with the message in a language. */
  toBody(language: Language): ToolErrorBody {
    const { code, retryable, nextStep } = this;
    const message = this.localized(language);
    const details = typeof this.#details === "function" ? this.#details(language) : this.#details;
    return { error: { code, message, retryable, next_step: nextStep, ...details } };
  }
}
