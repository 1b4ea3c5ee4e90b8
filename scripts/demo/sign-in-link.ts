import { createDemoClient, type DemoAddresses } from "./demo-client.ts";

type User = { readonly id: string; readonly email: string };

const email = "demo@cita.example";

/** A new link by which the demo's admin signs in, once. The admin is added where there is none. */
export async function makeSignInLink(addresses: DemoAddresses): Promise<string> {
  const { api } = createDemoClient(addresses);
  const find = async () => {
    const { users } = await api<{ users: readonly User[] }>(
      "GET",
      `/v1/users?q=${encodeURIComponent(email)}`,
    );
    return users.find((user) => user.email === email);
  };
  const add = () => api<{ user: User }>("POST", "/v1/users", { email, name: "Demo", role: "admin" });
  const { id } = (await find()) ?? (await add()).user;
  return (await api<{ url: string }>("POST", `/v1/users/${id}/links`, { kind: "sign_in" })).url;
}
