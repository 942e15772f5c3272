/**
 * The same field for many arguments in one request, by aliases: one month each of a year, one unit each.
 *
 * The operation's text depends on how many there are, so it cannot be generated; its type can: every alias has the
 * type of the fragment.
 */
import { TypedDocumentString } from "../gql/graphql";

export interface Several<Fragment> {
  /** The field with its arguments; `$each` stands for what differs: `reporting(period: $each)`. */
  field: string;
  /** Type of `$each` in GraphQL. */
  type: string;
  /** Declarations of the variables that all have in common: `$year: Int!`. */
  shared?: string;
  fragment: TypedDocumentString<Fragment, unknown>;
}

/** An operation with one alias a value: `f0`, `f1`, …; its variables are `e0`, `e1`, … beside the shared ones. */
export function several<Fragment>(
  { field, type, shared, fragment }: Several<Fragment>,
  count: number,
): TypedDocumentString<Record<string, Fragment>, Record<string, unknown>> {
  const text = fragment.toString();
  const name = /fragment\s+(\w+)/.exec(text)?.[1];
  const numbers = Array.from({ length: count }, (_, number) => number);
  const declared = [...(shared ? [shared] : []), ...numbers.map((number) => `$e${number}: ${type}`)];
  const fields = numbers.map(
    (number) => `f${number}: ${field.replace("$each", `$e${number}`)} { ...${name} }`,
  );
  return new TypedDocumentString(`query Several(${declared.join(", ")}) { ${fields.join(" ")} } ${text}`);
}

/** Variables of `several`. */
export function eachOf(
  values: readonly string[],
  shared: Record<string, unknown> = {},
): Record<string, unknown> {
  return { ...shared, ...Object.fromEntries(values.map((value, number) => [`e${number}`, value])) };
}
