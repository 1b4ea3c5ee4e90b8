import type { AccountProvider } from "@cita/providers/accounts";
import { type IntegrationsWorld, redirectUri as ownRedirectUri } from "./integrations-world.ts";

/** What a person types where a provider's page, or ours, asks for it. */
export const typedInputs: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  shopify: { shop: "luna.myshopify.com" },
  woocommerce: { store: "shop.luna.example" },
  sendgrid: { api_key: "SG.sandbox-luna.0123456789abcdef0123456789" },
  zapier: { url: "https://hooks.zapier.com/hooks/catch/123456/abcdef" },
};

export type ConsentOptions = {
  readonly userId?: string;
  readonly organizationId?: string;
  readonly account?: string;
  readonly action?: "allow" | "deny";
  /** Fewer than were asked for. */
  readonly scopes?: readonly string[];
  readonly capabilities?: readonly string[];
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** Default: the world's. */
  readonly redirectUri?: string;
};

/** A browser that keeps cookies, follows nothing by itself, and runs no scripts. */
export function createTraveller() {
  const jar = new Map<string, string>();
  return {
    jar,
    async go(url: string, form?: URLSearchParams) {
      const response = await fetch(url, {
        method: form === undefined ? "GET" : "POST",
        headers: {
          accept: "text/html",
          cookie: [...jar].map(([name, value]) => `${name}=${value}`).join("; "),
        },
        ...(form !== undefined && { body: form }),
        redirect: "manual",
      });
      for (const line of response.headers.getSetCookie()) {
        const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        if (/max-age=0|expires=thu, 01 jan 1970/i.test(line)) jar.delete(name);
        else jar.set(name, value);
      }
      return {
        status: response.status,
        location: response.headers.get("location"),
        text: await response.text(),
      };
    },
  };
}

export type Traveller = ReturnType<typeof createTraveller>;

/** Where a consent is asked for, and where the stand-ins are. */
type Asked = Pick<IntegrationsWorld, "api" | "sandboxUrl">;

export async function initiate(
  world: Pick<IntegrationsWorld, "api">,
  provider: AccountProvider,
  options: ConsentOptions = {},
) {
  const { userId = "user-1", redirectUri = ownRedirectUri, organizationId, capabilities, metadata } = options;
  return world.api("POST", "/integrations/oauth/initiate", {
    ...{ userId, organizationId, capabilities, metadata, redirectUri },
    provider: provider.id.toUpperCase().replaceAll("-", "_"),
  });
}

/** From our start page to the provider's. @returns its URL; undefined where there is none, and what was answered instead */
export async function start(traveller: Traveller, provider: AccountProvider, authorizationUrl: string) {
  const first = await traveller.go(authorizationUrl);
  if (first.status !== 200) return first;
  return traveller.go(authorizationUrl, new URLSearchParams(typedInputs[provider.id] ?? {}));
}

/** At the provider's page. @returns where it sends the browser back to */
export async function consentAt(
  traveller: Traveller,
  authorizationPage: string,
  { account = "ana@example.com", action = "allow", scopes }: ConsentOptions,
) {
  const form = new URLSearchParams({ account, action });
  for (const scope of scopes ?? []) form.append("scope", scope);
  const { location } = await traveller.go(authorizationPage, form);
  return location ?? "";
}

/** The whole way, from asking for it to the address at which the browser ends. */
export async function connectAccount(world: Asked, provider: AccountProvider, options: ConsentOptions = {}) {
  const traveller = createTraveller();
  const { body } = await initiate(world, provider, options);
  const started = await start(traveller, provider, body.data.authorizationUrl);
  const isAtProvider = started.location?.startsWith(world.sandboxUrl) === true;
  const back = isAtProvider ? await consentAt(traveller, started.location ?? "", options) : "";
  // A store whose keys weren't taken keeps the browser.
  const ended = back === "" ? started : await traveller.go(back);
  const result = new URL(ended.location ?? "about:blank").searchParams;
  return {
    traveller,
    state: String(body.data.state),
    ended,
    result,
    integrationId: result.get("integrationId"),
  };
}
