export type ClientCredentials = { readonly clientId: string; readonly clientSecret: string };

/** How our client authenticates itself at the token endpoint: what it adds to a request. */
export type ClientAuthentication = (client: ClientCredentials) => {
  readonly headers: Readonly<Record<string, string>>;
  readonly form: Readonly<Record<string, string>>;
};

/** RFC 6749, section 2.3.1. */
export const clientAuthentications = {
  body: ({ clientId, clientSecret }) => ({
    headers: {},
    form: { client_id: clientId, client_secret: clientSecret },
  }),
  basic({ clientId, clientSecret }) {
    const credentials = `${formEncode(clientId)}:${formEncode(clientSecret)}`;
    return { headers: { authorization: `Basic ${Buffer.from(credentials).toString("base64")}` }, form: {} };
  },
} satisfies Record<string, ClientAuthentication>;

/** The encoding of `application/x-www-form-urlencoded` (RFC 6749, appendix B). */
function formEncode(text: string): string {
  return new URLSearchParams({ text }).toString().slice("text=".length);
}
