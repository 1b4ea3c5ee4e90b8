/**
 * What large model vendors accept as a tool, as far as it can be checked without them. A host hands our
 * tools on as they are: one that a vendor refuses makes it refuse the whole conversation.
 *
 * - OpenAI: names `^[a-zA-Z0-9_-]{1,64}$`, descriptions of 1024 characters
 *   (https://platform.openai.com/docs/api-reference/chat/create); schemas of at most 5000 properties, 10
 *   levels, 1000 enum values, 120,000 characters of names and values, an object at the root that isn't a
 *   union (https://platform.openai.com/docs/guides/structured-outputs#supported-schemas).
 * - Anthropic: no `$ref` anywhere, no `oneOf`, `anyOf`, `allOf` at the root, property names
 *   `^[a-zA-Z0-9_.-]{1,64}$`
 *   (https://platform.claude.com/docs/en/agents-and-tools/tool-use/implement-tool-use).
 * - Google: names begin with a letter or `_`; of string formats only `enum` and `date-time`; `enum` only of
 *   strings; arrays name their `items`; one type each, no `const`, no conditions
 *   (https://ai.google.dev/api/caching#Schema).
 *
 * Where they differ the strictest holds, and where a limit was raised, the older one.
 */
const limits = {
  toolName: /^[a-zA-Z_][a-zA-Z0-9_-]{0,63}$/,
  propertyName: /^[a-zA-Z0-9_.-]{1,64}$/,
  descriptionLength: 1_024,
  depth: 5,
  properties: 100,
  enumValues: 500,
  textLength: 15_000,
  stringFormats: new Set(["enum", "date-time"]),
} as const;

const unsupported = [
  "$ref",
  "$defs",
  "$dynamicRef",
  "anyOf",
  "oneOf",
  "allOf",
  "not",
  "if",
  "then",
  "else",
  "const",
  "prefixItems",
  "patternProperties",
  "propertyNames",
  "unevaluatedProperties",
  "dependentRequired",
  "dependentSchemas",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "uniqueItems",
  "contains",
];

type Schema = Readonly<Record<string, unknown>>;
type ListedTool = { name: string; description: string; inputSchema: Schema };

/** @returns what one of them would refuse, in words; nothing where all would accept it. */
export function findVendorProblems({ name, description, inputSchema }: ListedTool): string[] {
  const all = [...walk(inputSchema, "", 1)];
  const names = all.flatMap(({ schema }) => Object.keys(schema.properties ?? {}));
  const values = all.flatMap(({ schema }) => (schema.enum as unknown[] | undefined) ?? []);
  const text = [...names, ...values.map(String)].join("");
  return [
    ...say(!limits.toolName.test(name), "the name"),
    ...say(description.length === 0 || description.length > limits.descriptionLength, "the description"),
    ...say(inputSchema.type !== "object", "the root isn't an object"),
    ...say(names.length > limits.properties, `${names.length} properties`),
    ...say(values.length > limits.enumValues, `${values.length} enum values`),
    ...say(text.length > limits.textLength, `${text.length} characters of names and values`),
    ...all.flatMap(({ schema, path, depth }) => problemsOf(schema, depth).map((one) => `${path}: ${one}`)),
  ].map((problem) => `${name}: ${problem}`);
}

type Place = { schema: Schema; path: string; depth: number };

/** Every schema in a schema. A level is an object or an array. */
function* walk(schema: Schema, path: string, depth: number): Generator<Place> {
  yield { schema, path, depth };
  for (const [name, property] of Object.entries((schema.properties ?? {}) as Record<string, Schema>)) {
    yield* walk(property, `${path}/${name}`, depth + 1);
  }
  if (schema.items !== undefined) yield* walk(schema.items as Schema, `${path}/[]`, depth + 1);
}

function problemsOf(schema: Schema, depth: number): string[] {
  const names = Object.keys(schema.properties ?? {});
  const required = (schema.required as string[] | undefined) ?? [];
  return [
    ...unsupported.filter((keyword) => keyword in schema).map((keyword) => `has ${keyword}`),
    ...say(typeof schema.type !== "string", "has no single type"),
    ...say(schema.type === "array" && schema.items === undefined, "doesn't name its items"),
    ...say("enum" in schema && schema.type !== "string", "has an enum that isn't of strings"),
    ...say("format" in schema && !limits.stringFormats.has(String(schema.format) as "enum"), "has a format"),
    ...say("pattern" in schema, "has a pattern"),
    ...say(String(schema.description ?? "").length > limits.descriptionLength, "has a long description"),
    ...say(depth > limits.depth, "is too deep"),
    ...names.filter((name) => !limits.propertyName.test(name)).map((name) => `has a property ${name}`),
    ...required.filter((name) => !names.includes(name)).map((name) => `requires ${name}, which it lacks`),
  ];
}

function say(wrong: boolean, problem: string): string[] {
  return wrong ? [problem] : [];
}
