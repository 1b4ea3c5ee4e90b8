import type { AuthorizationCodeGrant, Fields, RequestTemplate } from "./definition.ts";

/** A request to the token endpoint, as our client (RFC 6749, section 2.3.1). */
export function toTokenRequest(token: AuthorizationCodeGrant["token"], parameters: Fields): RequestTemplate {
  const { url, method, encoding, clientAuthentication } = token;
  const client: Fields = {
    [token.clientIdParameter]: "{client_id}",
    [token.clientSecretParameter]: "{client_secret}",
  };
  const fields = { ...(clientAuthentication === "fields" && client), ...parameters };
  const authentication = clientAuthentication === "basic" ? "client_basic" : "none";
  return { method, url, authentication, ...toBody[encoding](fields) };
}

const toBody = {
  query: (query: Fields) => ({ query }),
  form: (form: Fields) => ({ body: { form } }),
  json: (json: Fields) => ({ body: { json } }),
};
