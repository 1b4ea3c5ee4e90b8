import { z } from "zod";
import { estimateBits } from "./secret-strength.ts";

const minSecretLength = 16;
/** Random secrets of 128 bits are estimated at 86 bits or more, secrets that people invent at less (docs/decisions/0036). */
const minSecretBits = 80;

/** Examples of specifications and tutorials. */
const publishedExamples = new Set([
  "123e4567-e89b-12d3-a456-426614174000",
  "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
  "f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
]);

const makeOne = "make one with: openssl rand -base64 32";

/** A shared secret. It must be long enough, and not be guessable from words, runs and repeats. */
export const secretKey = z.string().superRefine((text, context) => {
  const refuse = (message: string) => context.addIssue({ code: "custom", message });
  if (text.length < minSecretLength)
    return refuse(`is too weak: use at least ${minSecretLength} random characters; ${makeOne}`);
  if (publishedExamples.has(text.toLowerCase()))
    return refuse(`is an example that everybody knows; ${makeOne}`);
  if (estimateBits(text) < minSecretBits)
    return refuse(`is too weak: it can be guessed from words, runs or repeats; ${makeOne}`);
  return undefined;
});

/** A TCP port; 0: any free one. */
export const listenPort = z.coerce
  .number("must be a port number")
  .int("must be a port number")
  .min(0, "must be a port number")
  .max(65_535, "must be a port number");

/** An http(s) URL without a trailing slash. */
export const httpUrl = z
  .url({ protocol: /^https?$/, error: "must be an http or https URL" })
  .transform((url) => url.replace(/\/+$/, ""));

/** An http(s) URL that must be https unless it is on loopback, since tokens, codes and links pass there. */
export const publicUrl = httpUrl.refine(
  (url) => url.startsWith("https:") || isLoopbackUrl(url),
  "must be an https URL: plain http is for localhost only",
);

/** A limit a minute. */
export const perMinute = z.coerce
  .number("must be a number a minute")
  .int("must be a whole number")
  .min(1, "must be at least 1")
  .max(1_000_000, "must be at most 1000000");

/** `true` or `false`. */
export const yesOrNo = z
  .enum(["true", "false"], "must be true or false")
  .transform((text) => text === "true");

/** Whether a host name or address reaches this machine only. */
export function isLoopbackHost(host: string): boolean {
  return (
    host === "localhost" || host === "::1" || host === "[::1]" || /^(::ffff:)?127\.\d+\.\d+\.\d+$/.test(host)
  );
}

/** Whether a URL's host reaches this machine only. */
export function isLoopbackUrl(url: string): boolean {
  return isLoopbackHost(new URL(url).hostname);
}
