import type { Fields, RequestTemplate, Values } from "@cita/providers/accounts";
import { type RequestParams, single } from "../../request-params.ts";
import type { Incoming } from "../incoming.ts";
import { readCredentials } from "./credentials.ts";
import { createTextReader } from "./text-reader.ts";

/** What a request that was made by a template tells. */
export type ReadRequest = {
  /** Of the placeholders that it has values for. */
  readonly values: Values;
  /** Whether all fields are as the template makes them. */
  readonly isExact: boolean;
  readonly hasHeaders: boolean;
};

/**
 * The inverse of filling a template: the values that a request was made with.
 * @param urlValues those of the URL
 * @throws AccountRefusal where the request doesn't say whose it is
 */
export function readTemplate(
  { query, headers, body, authentication }: RequestTemplate,
  incoming: Incoming,
  urlValues: Values,
): ReadRequest {
  const fields = body === undefined ? undefined : "json" in body ? body.json : body.form;
  const inQuery = readParams(query, incoming.query);
  const inHeaders = readFields(headers, incoming.header);
  const inBody = readParams(fields, incoming.body);
  const values = { ...urlValues, ...inQuery.values, ...inHeaders.values, ...inBody.values };
  return {
    values: { ...values, ...readCredentials(authentication, incoming) },
    isExact: inQuery.isExact && inHeaders.isExact && inBody.isExact,
    hasHeaders: inHeaders.isExact,
  };
}

/** The same of a query or a form. */
export function readParams(fields: Fields | undefined, params: RequestParams): ReadFields {
  return readFields(fields, (name) => single(params, name));
}

type ReadFields = { readonly values: Values; readonly isExact: boolean };

function readFields(fields: Fields = {}, given: (name: string) => string | undefined): ReadFields {
  const read = Object.entries(fields).map(([name, template]) => {
    const text = given(name);
    return text === undefined ? undefined : createTextReader(template)(text);
  });
  return { values: Object.assign({}, ...read), isExact: !read.includes(undefined) };
}
