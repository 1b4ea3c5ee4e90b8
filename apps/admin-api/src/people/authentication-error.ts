/** Somebody hasn't shown who they are. */
export type AuthenticationFailure =
  | {
      readonly kind:
        | "invalid_credentials"
        | "totp_required"
        | "invalid_token"
        | "invalid_code"
        | "sign_in_again";
    }
  | { readonly kind: "slow_down"; readonly retryAfterSeconds: number };

const answers: Readonly<
  Record<AuthenticationFailure["kind"], { code: string; statusCode: number; message: string }>
> = {
  invalid_credentials: {
    ...{ code: "invalid_credentials", statusCode: 401 },
    message: "The address, the password or the code is wrong.",
  },
  totp_required: {
    ...{ code: "totp_required", statusCode: 401 },
    message: "Send a code of the authenticator as `totp` too.",
  },
  invalid_token: {
    ...{ code: "invalid_token", statusCode: 401 },
    message: "The token is used, expired or nobody's: sign in again.",
  },
  invalid_code: { code: "invalid_code", statusCode: 400, message: "The code is wrong, or was used already." },
  sign_in_again: {
    ...{ code: "sign_in_again", statusCode: 401 },
    message: "Who has no password signs in again, and does this within 15 minutes.",
  },
  slow_down: {
    ...{ code: "too_many_attempts", statusCode: 429 },
    message: "Too many attempts. Wait as long as Retry-After says.",
  },
};

export class AuthenticationError extends Error {
  override readonly name = "AuthenticationError";
  readonly code: string;
  readonly statusCode: number;
  readonly retryAfterSeconds: number | undefined;
  constructor(failure: AuthenticationFailure) {
    const { code, statusCode, message } = answers[failure.kind];
    super(message);
    this.code = code;
    this.statusCode = statusCode;
    this.retryAfterSeconds = failure.kind === "slow_down" ? failure.retryAfterSeconds : undefined;
  }
}
