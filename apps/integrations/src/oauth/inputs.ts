import type { AccountInput, AccountProvider, Values } from "@cita/providers/accounts";
import { IntegrationError } from "../answers/integration-error.ts";

/** The values of a provider's inputs, as a person or a caller has given them. */
export type GivenInputs = Readonly<Record<string, unknown>>;

/** @returns undefined where it isn't valid. */
export function parseInput({ pattern, isHost }: AccountInput, given: unknown): string | undefined {
  if (typeof given !== "string") return undefined;
  const text = given.trim();
  const value = isHost ? toHost(text) : text;
  return pattern.test(value) ? value : undefined;
}

/** People paste the address that they see: with a protocol, a path, capitals. */
function toHost(text: string): string {
  return text
    .toLowerCase()
    .replace(/^https:\/\//, "")
    .replace(/[/?#].*$/s, "");
}

/**
 * What a caller has given of a provider's inputs, and the presets of what it hasn't.
 * @throws IntegrationError VALIDATION_ERROR for a value that isn't valid, and for a secret: it would be stored unsealed.
 */
export function inputsOf({ inputs, name }: AccountProvider, given: GivenInputs): Values {
  const entries = inputs.flatMap((input): [string, string][] => {
    const value = given[input.name];
    if (value === undefined) return input.preset === null ? [] : [[input.name, input.preset]];
    if (input.isSecret) {
      const message = `metadata.${input.name} is a secret: the person gives it on the page behind authorizationUrl.`;
      throw new IntegrationError("VALIDATION_ERROR", message);
    }
    const parsed = parseInput(input, value);
    if (parsed === undefined)
      throw new IntegrationError(
        "VALIDATION_ERROR",
        `${name} needs in metadata.${input.name} ${input.expected}.`,
      );
    return [[input.name, parsed]];
  });
  return Object.fromEntries(entries);
}

/** What a person has to be asked before going on. */
export function missingInputs({ inputs }: AccountProvider, known: Values): readonly AccountInput[] {
  return inputs.filter(({ name }) => known[name] === undefined);
}
