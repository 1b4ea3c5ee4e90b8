import { z } from "zod";
import { findUrlProblem } from "./open-database.ts";

/** The variable that names a service's database, with the sentence of what is wrong with it. */
export function databaseVariable(service: string, preset: string) {
  return z
    .string()
    .superRefine((url, context) => {
      const problem = findUrlProblem(url, { service });
      if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
    })
    .default(preset);
}
