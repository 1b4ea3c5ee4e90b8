import type { FastifyRequest } from "fastify";
import { csrfField, senderField } from "../../../access/csrf.ts";

/** A form that arrived without its session: where it goes, and what was typed. */
export type Unsent = { readonly path: string; readonly fields: string };

/** Whether a form arrives as fields alone: one with a file isn't kept. */
export function hasFieldsAlone({ headers }: FastifyRequest): boolean {
  return headers["content-type"]?.startsWith("application/x-www-form-urlencoded") === true;
}

/** The most that a form may have: what is longer isn't kept. */
export const maxUnsentLength = 60_000;

/** Passwords, second factors and recovery codes are typed again: they don't stand in a page for whoever comes next. */
const secretName = /password|secret|token|code|totp/i;

/**
 * What is kept of a form until the person has signed in again, and no secret among it.
 * @param fields URL-encoded.
 * @returns undefined where the form doesn't say whose it is, or is too long.
 */
export function toUnsent(path: string, fields: string): Unsent | undefined {
  const typed = new URLSearchParams(fields);
  if (!typed.get(senderField)) return undefined;
  const kept = new URLSearchParams(
    [...typed].filter(([name]) => name !== csrfField && !secretName.test(name)),
  );
  const text = kept.toString();
  return text.length > maxUnsentLength ? undefined : { path, fields: text };
}

/** The id of the person whose page has sent the form. */
export function senderOf({ fields }: Unsent): string {
  return new URLSearchParams(fields).get(senderField) ?? "";
}

/** What was typed into a form, without what every form carries. */
export function typedFields({ fields }: Unsent): readonly (readonly [name: string, value: string])[] {
  return [...new URLSearchParams(fields)].filter(([name]) => name !== csrfField && name !== senderField);
}
