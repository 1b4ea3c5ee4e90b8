import type { FastifyInstance, FastifyReply } from "fastify";
import { z } from "zod";
import { defaultAccount, makeKey } from "./endpoints/given-keys.ts";
import type { ProviderGroup } from "./provider-groups.ts";
import type { StandIn } from "./stand-in.ts";

const idParams = z.object({ id: z.string() });
const account = z
  .string()
  .min(1)
  .transform((text) => text.trim().toLowerCase());
const accountBody = z.strictObject({ account });
const keyBody = z.strictObject({ key: z.string(), account: account.default(defaultAccount) });
const seconds = z.int().positive().optional();
const settingsBody = z.strictObject({
  /** Whether a new grant comes with a refresh token. */
  refresh_tokens: z.boolean().optional(),
  access_lifetime_s: seconds,
  refresh_lifetime_s: seconds,
  /** Whether accounts have what is connected: a channel, an advertiser. An id_token tells of any account. */
  has_account: z.boolean().optional(),
});

/**
 * Controls of one provider, under `/_sandbox/providers/:id/`, JSON in and out. Of providers with one authorization server
 * tokens and settings are shared. Refusals are 400 in Fastify's shape; an unknown provider is 404.
 */
export async function accountControlRoutes(app: FastifyInstance, standIn: StandIn): Promise<void> {
  const { grants, groups, withoutAccount, messages } = standIn;
  const find = (params: unknown) => {
    const { id } = idParams.parse(params);
    const group = groups.find(({ members }) => members.some((member) => member.id === id));
    if (group === undefined) throw new UnknownProvider(id);
    return { id, group };
  };

  app.setErrorHandler(async (error, _request, reply) => {
    if (error instanceof UnknownProvider) return refuse(reply, 404, "Not Found", error.message);
    if (!(error instanceof z.ZodError)) throw error;
    return refuse(reply, 400, "Bad Request", z.prettifyError(error));
  });

  app.post("/_sandbox/providers/:id/expire-access-tokens", async ({ params }) => ({
    expired: grants.expireAccessTokens(find(params).group.id),
  }));

  app.post("/_sandbox/providers/:id/revoke", async ({ params, body }) => {
    const { account } = accountBody.parse(body);
    const { group } = find(params);
    return { revoked: grants.end(grants.find((one) => one.groupId === group.id && one.account === account)) };
  });

  app.post("/_sandbox/providers/:id/settings", async ({ params, body }) => {
    const { id, group } = find(params);
    const { has_account, ...changed } = settingsBody.parse(body);
    if (has_account === true) withoutAccount.delete(id);
    if (has_account === false) withoutAccount.add(id);
    changeSettings(group, changed);
    return { ...toWire(group), has_account: !withoutAccount.has(id) };
  });

  app.post("/_sandbox/providers/:id/keys", async ({ params, body }, reply) => {
    const { key, account } = keyBody.parse(body);
    if (!makeKey(standIn, find(params).group, key, account))
      return refuse(reply, 400, "Bad Request", "the provider takes no such key");
    return reply.code(201).send({ account });
  });

  app.get("/_sandbox/providers/:id/messages", async ({ params }) => {
    const { id } = find(params);
    const own = messages.filter(({ providerId }) => providerId === id);
    return { count: own.length, messages: own.map(({ url, body }) => ({ url, body })) };
  });
}

type Changed = Omit<z.output<typeof settingsBody>, "has_account">;

/** What isn't said stays. */
function changeSettings(group: ProviderGroup, changed: Changed): void {
  const { settings } = group;
  group.settings = {
    givesRefreshTokens: changed.refresh_tokens ?? settings.givesRefreshTokens,
    accessLifetime: changed.access_lifetime_s ?? settings.accessLifetime,
    refreshLifetime: changed.refresh_lifetime_s ?? settings.refreshLifetime,
  };
}

function toWire({ settings, traits }: ProviderGroup) {
  return {
    refresh_tokens: settings.givesRefreshTokens ?? traits.givesRefreshTokens,
    access_lifetime_s: settings.accessLifetime ?? traits.accessLifetime,
    refresh_lifetime_s: settings.refreshLifetime ?? traits.refreshLifetime,
  };
}

class UnknownProvider extends Error {
  override readonly name = "UnknownProvider";
  constructor(id: string) {
    super(`no provider ${id}`);
  }
}

function refuse(reply: FastifyReply, statusCode: number, error: string, message: string): FastifyReply {
  return reply.code(statusCode).send({ statusCode, error, message });
}
