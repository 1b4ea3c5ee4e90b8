import { argon2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { estimateBits } from "@cita/process";

/** 19 MiB and two passes, as OWASP's cheat sheet on storing passwords has it for Argon2id (RFC 9106). */
const parameters = { memory: 19_456, passes: 2, parallelism: 1 };
const saltBytes = 16;
const tagBytes = 32;

const minLength = 8;
const maxLength = 256;
/** Refuses what is made of one or two well-known words, runs and repeats. */
const minBits = 30;

const derive = promisify(argon2);

/** The password can't be taken, for what the message says. */
export class WeakPasswordError extends Error {
  override readonly name = "WeakPasswordError";
  readonly code = "weak_password";
  readonly statusCode = 400;
}

/** So many passwords are waiting that another one would wait for seconds. */
export class PasswordsBusyError extends Error {
  override readonly name = "PasswordsBusyError";
  readonly code = "too_busy";
  readonly statusCode = 503;
  constructor() {
    super("Too many people are signing in at this moment. Try again in some seconds.");
  }
}

/** @throws WeakPasswordError */
export function checkPasswordStrength(password: string, email: string): void {
  const [name = ""] = email.split("@");
  if (password.length < minLength)
    throw new WeakPasswordError(`password: needs ${minLength} characters or more.`);
  if (password.length > maxLength)
    throw new WeakPasswordError(`password: has ${maxLength} characters at most.`);
  const lower = password.toLowerCase();
  if (lower === email || lower === name || estimateBits(password) < minBits)
    throw new WeakPasswordError("password: can be guessed. A few words that nobody connects will do.");
}

/** The last of them waits some 5 seconds. */
const maxWaiting = 100;

/** Each takes 20 MB for 50 ms, so one is computed at a time, however many people sign in. */
export type Passwords = {
  /** @returns in the PHC string format. @throws PasswordsBusyError */
  hash(password: string): Promise<string>;
  /** @param hash null: nobody's. It takes as long as any, and is never right. @throws PasswordsBusyError */
  verify(password: string, hash: string | null): Promise<boolean>;
};

export function createPasswords(): Passwords {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;

  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (waiting >= maxWaiting) throw new PasswordsBusyError();
    waiting++;
    const done = last.then(work).finally(() => waiting--);
    last = done.catch(() => undefined);
    return done;
  }

  return {
    hash: (password) =>
      inTurn(async () => {
        const salt = randomBytes(saltBytes);
        return format(salt, await tagOf(password, salt, tagBytes, parameters));
      }),

    verify: (password, hash) =>
      inTurn(async () => {
        const known = hash === null ? undefined : parse(hash);
        const { salt, tag, ...cost } = known ?? {
          salt: randomBytes(saltBytes),
          tag: randomBytes(tagBytes),
          ...parameters,
        };
        const computed = await tagOf(password, salt, tag.length, cost);
        return timingSafeEqual(computed, tag) && known !== undefined;
      }),
  };
}

type Cost = typeof parameters;

/** The same password may be typed as composed or decomposed characters. */
function tagOf(password: string, nonce: Buffer, tagLength: number, cost: Cost): Promise<Buffer> {
  return derive("argon2id", { message: password.normalize("NFKC"), nonce, tagLength, ...cost });
}

function format(salt: Buffer, tag: Buffer): string {
  const { memory, passes, parallelism } = parameters;
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${encode(salt)}$${encode(tag)}`;
}

function encode(bytes: Buffer): string {
  return bytes.toString("base64").replaceAll("=", "");
}

const phcFormat = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

function parse(hash: string): (Cost & { salt: Buffer; tag: Buffer }) | undefined {
  const [, memory, passes, parallelism, salt = "", tag = ""] = phcFormat.exec(hash) ?? [];
  if (memory === undefined) return undefined;
  return {
    ...{ memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) },
    ...{ salt: Buffer.from(salt, "base64"), tag: Buffer.from(tag, "base64") },
  };
}
