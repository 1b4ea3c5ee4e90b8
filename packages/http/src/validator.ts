import { validatorCompiler } from "@fastify/type-provider-zod";
import { z } from "zod";

/**
 * Zod's compiler of validators, for schemas that also refuse U+0000 in every text that they let pass: PostgreSQL stores no
 * such text, and a query with one fails there. A schema that takes anything is left alone, since its route checks what it
 * gets itself.
 */
export const compileValidator: typeof validatorCompiler = (route) => {
  const { schema } = route;
  if (!(schema instanceof z.ZodType) || schema instanceof z.ZodUnknown) return validatorCompiler(route);
  return validatorCompiler({ ...route, schema: schema.superRefine(refuseNul) });
};

function refuseNul(value: unknown, context: z.RefinementCtx): void {
  const path = findNul(value);
  if (path === undefined) return;
  context.addIssue({ code: "custom", path, message: "must not have the character U+0000" });
}

/** @returns the path of the first text with U+0000, or to the member whose name has one. */
export function findNul(value: unknown): string[] | undefined {
  if (typeof value === "string") return value.includes("\0") ? [] : undefined;
  if (typeof value !== "object" || value === null) return undefined;
  for (const [name, member] of Object.entries(value)) {
    if (name.includes("\0")) return [];
    const path = findNul(member);
    if (path !== undefined) return [name, ...path];
  }
  return undefined;
}
