/**
 * The names of our own error classes: their messages are written here and quote nobody. A name stands on the
 * error itself, so that it survives a bundle; `test/known-errors.test.ts` compares this list with the sources.
 */
const ownErrors = new Set([
  "AccessTokenError",
  "AgentKeyNotFoundError",
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
  "CustomerNotFoundError",
  "DatabaseError",
  "DatabaseUrlError",
  "FernetError",
  "InvalidCursorError",
  "InvalidPhoneError",
  "InvalidScheduleError",
  "KeptKeyError",
  "KeyConfiguredError",
  "KeysMissingError",
  "MissingFileError",
  "NotReadyError",
  "PortTakenError",
  "ProviderDownError",
  "SealError",
  "TooDeepError",
  "TooManyAgentKeysError",
  "ToolError",
  "UnknownCustomerError",
]);

/** A code of the platform (`ECONNRESET`, `UND_ERR_SOCKET`, `FST_ERR_…`), or the name of a `DOMException`. */
const platformCode = /^(?:[A-Z][A-Z0-9_]{1,39}|[A-Z][A-Za-z]{1,30}Error)$/;
const ownCode = /^[a-z]+(?:_[a-z]+){0,5}$/;
const className = /^[A-Z][A-Za-z]{1,40}$/;

/**
 * Whether an error's message may be repeated: it was written here, or by a part of the platform that quotes no
 * request. Everything else may quote what it was sent, as HTTP clients and parsers do.
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

/** What kind of error it is: a class's name, never a text that came from elsewhere. */
export function errorType(error: Error): string {
  const { name } = error;
  if (ownErrors.has(name) || (className.test(name) && /(?:Error|Exception)$/.test(name))) return name;
  return className.test(error.constructor.name) ? error.constructor.name : "Error";
}

/** An error's code, where it is one: HTTP clients copy theirs from the answer. */
export function errorCode(error: Error): string | number | undefined {
  const { code } = error as { code?: unknown };
  if (typeof code === "number") return code;
  if (typeof code !== "string") return undefined;
  if (platformCode.test(code)) return code;
  return hasKnownMessage(error) && ownCode.test(code) ? code : undefined;
}

/** Where an error was thrown: its stack without the message, in which a line may look like one of the stack. */
export function stackFrames({ message, stack = "" }: Error): string | undefined {
  const begin = stack.indexOf(message);
  if (begin < 0) return undefined;
  const frames = stack.slice(begin + message.length).match(/^ {4}at .+$/gm);
  return frames?.join("\n");
}
