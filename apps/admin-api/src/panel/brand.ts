/** How the operator's name, logo and colour look on every page. */
export type Brand = { readonly name: string; readonly logoUrl?: string | undefined };
