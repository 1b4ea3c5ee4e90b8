/**
 * The names of our own error classes, whose messages quote nobody. Each class sets `name` itself, so that bundling keeps
 * it. A test compares this list with the sources.
 */
const ownErrors = new Set([
  "AccessTokenError",
  "AgentKeyNotFoundError",
  "AuthenticationError",
  "BackupError",
  "BookingChangeError",
  "BookingError",
  "BookingInProgressError",
  "BookingMovedByHand",
  "BookingsAheadError",
  "CalendarApiError",
  "CalendarError",
  "ConfigError",
  "ConsentLinkChangedError",
  "CrossSiteRequestError",
  "CustomerLeavingError",
  "CustomerNotFoundError",
  "CustomerRemovedError",
  "CustomerTakenError",
  "DatabaseError",
  "DatabaseUrlError",
  "EgressError",
  "EmailTakenError",
  "EventCursorError",
  "FernetError",
  "ForbiddenError",
  "IntegrationError",
  "IntegrationsApiError",
  "InvalidCursorError",
  "InvalidPhoneError",
  "InvalidScheduleError",
  "KeptKeyError",
  "KeyConfiguredError",
  "KeysMissingError",
  "LastAdminError",
  "LinkInvalidError",
  "MissingFileError",
  "NotReadyError",
  "OAuthStateOverError",
  "PasswordsBusyError",
  "PortTakenError",
  "ProviderDownError",
  "ProviderNotConfiguredError",
  "ScheduleChangedError",
  "SealError",
  "TemplateError",
  "TooDeepError",
  "TooManyAgentKeysError",
  "TooManyStreamsError",
  "TooManyWebhooksError",
  "ToolError",
  "UnguardedRouteError",
  "UnknownCustomerError",
  "UnknownServiceError",
  "UnreadableUploadError",
  "UserNotFoundError",
  "WeakPasswordError",
]);

/**
 * A code of the platform (`ECONNRESET`, `UND_ERR_SOCKET`, `FST_ERR_…`), the name of a `DOMException`, or a SQLSTATE
 * (`23505`).
 */
const platformCode = /^(?:[A-Z][A-Z0-9_]{1,39}|[A-Z][A-Za-z]{1,30}Error|[0-9][0-9A-Z]{4})$/;
const ownCode = /^[a-z]+(?:_[a-z]+){0,5}$/;
const className = /^[A-Z][A-Za-z]{1,40}$/;

/**
 * Whether an error's message may be logged: it is ours, or from a part of the platform that quotes no request. Other
 * messages may quote what was sent, as those of HTTP clients and parsers do.
 */
export function hasKnownMessage(error: Error): boolean {
  const { name, code, syscall, errno } = error as {
    [member in "code" | "syscall" | "errno"]?: unknown;
  } & Error;
  if (Object.hasOwn(error, "name") && ownErrors.has(name)) return true;
  if (typeof syscall === "string" && typeof errno === "number" && !Object.hasOwn(error, "config"))
    return true;
  if (typeof code !== "string") return false;
  return (
    (name === "FastifyError" && code.startsWith("FST_")) ||
    (name === "SqliteError" && code.startsWith("SQLITE_")) ||
    code === "ERR_SQLITE_ERROR"
  );
}

/** The name of an error's class. Other texts in `name` are replaced. */
export function errorType(error: Error): string {
  const { name } = error;
  if (ownErrors.has(name) || (className.test(name) && /(?:Error|Exception)$/.test(name))) return name;
  return className.test(error.constructor.name) ? error.constructor.name : "Error";
}

/** An error's code, if it has the form of one: HTTP clients copy theirs from the response. */
export function errorCode(error: Error): string | number | undefined {
  const { code } = error as { code?: unknown };
  if (typeof code === "number") return code;
  if (typeof code !== "string") return undefined;
  if (platformCode.test(code)) return code;
  return hasKnownMessage(error) && ownCode.test(code) ? code : undefined;
}

/** The frames of an error's stack without the message, whose own lines may look like frames. */
export function stackFrames({ message, stack = "" }: Error): string | undefined {
  const begin = stack.indexOf(message);
  if (begin < 0) return undefined;
  const frames = stack.slice(begin + message.length).match(/^ {4}at .+$/gm);
  return frames?.join("\n");
}
