import type { Random } from "./random.ts";
import type { JsonSchema } from "./routes.ts";

/** What exists in the world, by the name of the parameter or member that asks for it. */
export type Known = Readonly<Record<string, readonly unknown[]>>;

/** Something a schema lets through, mostly: what it can't say is for `known` to say. */
export function exampleOf(schema: JsonSchema, known: Known, random: Random, name = ""): unknown {
  const existing = known[name];
  if (existing !== undefined && existing.length > 0) return random.pick(existing);
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return random.pick(schema.enum);
  const shown = [...(schema.examples ?? []), ...(schema.example === undefined ? [] : [schema.example])];
  if (shown.length > 0) return random.pick(shown);
  const choices = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].filter(isSchema);
  if (choices.length > 0) return exampleOf(random.pick(choices), known, random, name);
  switch ([schema.type].flat()[0]) {
    case "object":
      return objectOf(schema, known, random);
    case "array": {
      const { items } = schema;
      if (!isSchema(items)) return [];
      return Array.from({ length: random.below(3) }, () => exampleOf(items, known, random, name));
    }
    case "integer":
    case "number":
      return numberOf(schema, random);
    case "boolean":
      return random.chance(0.5);
    case "null":
      return null;
    default:
      return random.pick(texts[schema.format ?? ""] ?? ["text", "Ana Pérez", "a-b_c.1", "0", "ä🙂"]);
  }
}

const texts: Readonly<Record<string, readonly string[]>> = {
  email: ["ana@example.com", "a+b@example.co"],
  date: ["2027-01-18", "2028-02-29"],
  "date-time": ["2027-01-18T09:00:00-05:00", "2027-01-18T14:00:00Z"],
  uri: ["https://cita.example/connect"],
};

function objectOf(schema: JsonSchema, known: Known, random: Random): object {
  const required = new Set(schema.required);
  const members = Object.entries(schema.properties ?? {}).filter(
    ([name]) => required.has(name) || random.chance(0.5),
  );
  return Object.fromEntries(
    members.map(([name, member]) => [name, isSchema(member) ? exampleOf(member, known, random, name) : null]),
  );
}

function numberOf({ minimum = 0, maximum = minimum + 100 }: JsonSchema, random: Random): number {
  return Math.min(maximum, minimum + random.pick([0, 1, 5, 30, maximum - minimum]));
}

function isSchema(schema: unknown): schema is JsonSchema {
  return typeof schema === "object" && schema !== null && !Array.isArray(schema);
}
