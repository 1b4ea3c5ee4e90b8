import { z } from "zod";
import type { Values } from "./call-authentications.ts";
import type { AccountProvider } from "./definition.ts";

/** What an operator has configured for one provider. */
export type ConfiguredAccount = {
  readonly providerId: string;
  /** Empty where the provider needs no client. */
  readonly clientId: string;
  readonly clientSecret: string;
  readonly settings: Values;
};

/**
 * Reads an environment: of each provider its own client, else its group's, and its settings. A provider whose client or
 * whose setting is missing isn't configured. Of an id without its secret, or the other way round, the issue names the one
 * that is missing.
 */
export function configuredAccounts(providers: readonly AccountProvider[]) {
  return z.looseObject({}).transform((environment, context): readonly ConfiguredAccount[] => {
    const read = (name: string) => {
      const value = environment[name];
      return typeof value === "string" && value !== "" ? value : undefined;
    };
    const require = (variable: string) =>
      context.addIssue({ code: "custom", path: [variable], message: "is required" });
    return providers.flatMap((provider) => {
      const client = readClient(provider, read, require);
      const settings = readSettings(provider, read);
      if (client === undefined || settings === undefined) return [];
      return [{ providerId: provider.id, ...client, settings }];
    });
  });
}

type Read = (name: string) => string | undefined;

function readClient({ clientVariables }: AccountProvider, read: Read, require: (name: string) => void) {
  if (clientVariables.length === 0) return { clientId: "", clientSecret: "" };
  const names = clientVariables.find(({ id, secret }) => (read(id) ?? read(secret)) !== undefined);
  if (names === undefined) return undefined;
  const [clientId, clientSecret] = [read(names.id), read(names.secret)];
  if (clientId === undefined) require(names.id);
  if (clientSecret === undefined) require(names.secret);
  return clientId === undefined || clientSecret === undefined ? undefined : { clientId, clientSecret };
}

function readSettings({ settings }: AccountProvider, read: Read): Values | undefined {
  const values = settings.map(({ name, variable, preset }) => [name, read(variable) ?? preset] as const);
  if (values.some(([, value]) => value === null)) return undefined;
  return Object.fromEntries(values.map(([name, value]) => [name, value ?? ""]));
}

/** The names of the variables that an operator sets for a provider: of its client one pair is enough. */
export function accountVariables({ clientVariables, settings }: AccountProvider): readonly string[] {
  return [
    ...clientVariables.flatMap(({ id, secret }) => [id, secret]),
    ...settings.map(({ variable }) => variable),
  ];
}
