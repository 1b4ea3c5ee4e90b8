import type { FastifyRequest } from "fastify";
import { csrfTokenOf } from "../access/csrf.ts";
import type { CustomerStore } from "../customers/customer-store.ts";
import type { SessionCaller } from "../people/session-store.ts";
import type { UserStore } from "../people/user-store.ts";
import { chooseLanguage, isLanguage, type Language } from "./language.ts";

/** Who looks at a page, and how: what every page's view is given beside its own data. */
export type Viewer = {
  readonly caller: SessionCaller;
  /** A person's name, or of a business's owner the business's. */
  readonly name: string;
  readonly email: string | null;
  readonly language: Language;
  readonly theme: Theme;
  /** Of the device; null: not known before the first page has told. */
  readonly timeZone: string | null;
  /** Whether there is an integration service, whose pages are shown then. */
  readonly hasIntegrations: boolean;
  /** Goes into every form, as the hidden field `csrf`. */
  readonly csrf: string;
};

export const themes = ["system", "light", "dark"] as const;
/** `system`: as the device has it. */
export type Theme = (typeof themes)[number];

/** Both are set in the account, and known to this browser before anybody signs in. */
export const languageCookie = "cita_language";
export const themeCookie = "cita_theme";
/** Set by `assets/panel.js`. */
const timeZoneCookie = "cita_zone";

declare module "fastify" {
  interface FastifyRequest {
    /** null outside of the panel's own pages. */
    viewer: Viewer | null;
  }
}

type Deps = {
  readonly users: Pick<UserStore, "find">;
  readonly customers: Pick<CustomerStore, "find">;
  readonly hasIntegrations: boolean;
};

/** @returns undefined where the request is of nobody who is signed in, or they have been removed meanwhile. */
export async function findViewer(
  { users, customers, hasIntegrations }: Deps,
  request: FastifyRequest,
): Promise<Viewer | undefined> {
  const { caller } = request;
  if (caller === null || caller.kind === "program") return undefined;
  const look = {
    ...{ language: languageOf(request), theme: themeOf(request), timeZone: timeZoneOf(request) },
    ...{ hasIntegrations, csrf: csrfTokenOf(request) },
  };
  if (caller.kind === "owner") {
    const customer = await customers.find(caller.customerId);
    return customer && { caller, name: customer.customer_name, email: null, ...look };
  }
  const user = await users.find(caller.userId);
  if (user === undefined) return undefined;
  const language = isLanguage(user.language) ? user.language : look.language;
  return { caller, name: user.name, email: user.email, ...look, language };
}

/** Who looks at a page of the panel. */
export function viewerOf({ viewer }: FastifyRequest): Viewer {
  if (viewer === null) throw new TypeError("This page isn't one of the panel's, or isn't guarded.");
  return viewer;
}

/** The language of somebody who isn't signed in. */
export function languageOf({ cookies, headers }: FastifyRequest): Language {
  const chosen = cookies[languageCookie];
  return isLanguage(chosen) ? chosen : chooseLanguage(headers["accept-language"]);
}

export function themeOf({ cookies }: FastifyRequest): Theme {
  return themes.find((theme) => theme === cookies[themeCookie]) ?? "system";
}

function timeZoneOf({ cookies }: FastifyRequest): string | null {
  const timeZone = cookies[timeZoneCookie];
  if (timeZone === undefined || timeZone.length > 64) return null;
  try {
    return new Intl.DateTimeFormat("en", { timeZone }).resolvedOptions().timeZone;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
