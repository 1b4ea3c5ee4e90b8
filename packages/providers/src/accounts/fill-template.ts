import { type CallAuthentication, callAuthentications, type Values } from "./call-authentications.ts";
import type { Fields, RequestTemplate } from "./definition.ts";

/** A request that is complete. `url` is the provider's own: where it is reached is for the sender to say. */
export type FilledRequest = {
  readonly method: RequestTemplate["method"];
  readonly url: string;
  readonly headers: Values;
  readonly body: string | undefined;
  /** Whether a value of the connection names the host, so that only the guarded client may send it. */
  readonly isToNamedHost: boolean;
};

/** A value for a placeholder is missing, or one for a host isn't a host. */
export class TemplateError extends Error {
  override readonly name = "TemplateError";
  readonly code = "template_incomplete";
  constructor(placeholder: string) {
    super(`There is no usable value for {${placeholder}} of a request.`);
  }
}

/** @throws TemplateError */
export function fillTemplate(template: RequestTemplate, values: Values): FilledRequest {
  const { method, body } = template;
  const authenticate: CallAuthentication = callAuthentications[template.authentication];
  const added = authenticate(values);
  const form = toForm(body, added.form, values);
  const headers = { accept: "application/json", ...fillFields(template.headers, values), ...added.headers };
  const type =
    body !== undefined && "json" in body ? "application/json" : "application/x-www-form-urlencoded";
  const query = { ...fillFields(template.query, values), ...added.query };
  return {
    ...{ method, url: withQuery(fillUrl(template.url, values), query) },
    headers: form === undefined ? headers : { ...headers, "content-type": type },
    body: form,
    isToNamedHost: /^https:\/\/[^/]*\{/.test(template.url),
  };
}

/** @throws TemplateError */
export function fillText(text: string, values: Values): string {
  return replace(text, values, (value) => value);
}

/** In the host a value has to be one; behind it, it is encoded. @throws TemplateError */
export function fillUrl(url: string, values: Values): string {
  const [, origin = "", rest = ""] = /^(https:\/\/[^/?]*)(.*)$/.exec(url) ?? [];
  const host = replace(origin, values, (value, name) => {
    if (!hostPattern.test(value) || !URL.canParse(`https://${value}`)) throw new TemplateError(name);
    return value;
  });
  return host + replace(rest, values, encodeURIComponent);
}

/** A host name or a part of one, with a port perhaps. Never an address in brackets, or a user before an `@`. */
const hostPattern = /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?$/i;

export function withQuery(url: string, query: Values): string {
  const target = new URL(url);
  for (const [name, value] of Object.entries(query)) target.searchParams.set(name, value);
  return target.href;
}

/** @throws TemplateError */
export function fillFields(fields: Fields = {}, values: Values): Values {
  return Object.fromEntries(Object.entries(fields).map(([name, text]) => [name, fillText(text, values)]));
}

function toForm(
  body: RequestTemplate["body"],
  added: Values | undefined,
  values: Values,
): string | undefined {
  if (body === undefined) return added === undefined ? undefined : new URLSearchParams(added).toString();
  if ("json" in body) return JSON.stringify({ ...fillFields(body.json, values), ...added });
  return new URLSearchParams({ ...fillFields(body.form, values), ...added }).toString();
}

function replace(text: string, values: Values, encode: (value: string, name: string) => string): string {
  return text.replaceAll(/\{(\w+)\}/g, (_all, name: string) => {
    const value = values[name];
    if (value === undefined) throw new TemplateError(name);
    return encode(value, name);
  });
}
