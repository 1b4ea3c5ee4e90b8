/** The part of ghtml that html.ts uses: the package has no types. */
declare module "ghtml" {
  export function html(literals: TemplateStringsArray, ...values: readonly (string | number)[]): string;
}
