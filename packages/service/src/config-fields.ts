import { z } from "zod";

const shortestSecret = 16;
const fewestCharacters = 8;

/** A shared secret. Weak ones are refused: short, or made of a few repeated characters. */
export const secretKey = z
  .string()
  .refine(
    (text) => text.length >= shortestSecret && new Set(text).size >= fewestCharacters,
    `is too weak: use at least ${shortestSecret} random characters`,
  );

export const listenPort = z.coerce
  .number("must be a port number")
  .int("must be a port number")
  .min(0, "must be a port number")
  .max(65_535, "must be a port number");

/** An http(s) URL without a trailing slash. */
export const publicUrl = z
  .url({ protocol: /^https?$/, error: "must be an http or https URL" })
  .transform((url) => url.replace(/\/+$/, ""));

/** How many of something one caller may have a minute. */
export const perMinute = z.coerce
  .number("must be a number a minute")
  .int("must be a whole number")
  .min(1, "must be at least 1")
  .max(1_000_000, "must be at most 1000000");

export const yesOrNo = z
  .enum(["true", "false"], "must be true or false")
  .transform((text) => text === "true");

/** Whether a host name or address reaches this machine only. */
export function isLoopbackHost(host: string): boolean {
  return (
    host === "localhost" || host === "::1" || host === "[::1]" || /^(::ffff:)?127\.\d+\.\d+\.\d+$/.test(host)
  );
}

export function isLoopbackUrl(url: string): boolean {
  return isLoopbackHost(new URL(url).hostname);
}
