import { addPerson, send } from "./people.ts";
import type { World } from "./world.ts";

/** The forms of the page that imports customers, as an admin's browser sends them. */
export async function signInToImport(world: World) {
  const { cookie, csrf } = await addPerson(world, { email: "admin@example.com", role: "admin" });
  const headers = { "sec-fetch-site": "same-origin", "accept-language": "es" };
  return {
    async upload(csv: string | Uint8Array<ArrayBuffer>) {
      const form = new FormData();
      form.set("csrf", csrf);
      form.set("file", new File([csv], "clientes.csv", { type: "text/csv" }));
      const url = `${world.adminUrl}/clientes/importar`;
      const answer = await fetch(url, { method: "POST", headers: { ...headers, cookie }, body: form });
      return { status: answer.status, text: await answer.text() };
    },
    links: (csv: string) =>
      send(world.adminUrl, "POST", "/clientes/importar/enlaces", { cookie, headers, form: { csrf, csv } }),
  };
}
