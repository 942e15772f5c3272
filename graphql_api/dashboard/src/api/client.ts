/** Asking the GraphQL API: one typed operation, one answer, or an error that says what to do. */
import type { TypedDocumentString } from "../gql/graphql";
import { token } from "../state/token";

export const ENDPOINT = "/graphql";
const ACCEPT = "application/graphql-response+json, application/json;q=0.9";

/** What can go wrong: the server is out of reach, it refuses, or it answers with errors. */
export type Trouble = "offline" | "unavailable" | "forbidden" | "token" | "input" | "server";

export class AskError extends Error {
  constructor(
    readonly trouble: Trouble,
    message: string,
  ) {
    super(message);
  }
}

interface GraphQLError {
  message: string;
  extensions?: { code?: string; argument?: string; given?: unknown; expected?: string; requestId?: string };
}

export interface Answer<Result> {
  data?: Result | null;
  errors?: GraphQLError[];
}

/** Headers that say who asks; nothing without a token. */
export function authorization(): Record<string, string> {
  return token.value ? { Authorization: `Bearer ${token.value}` } : {};
}

/** The data of an operation. Raises AskError; an aborted request raises what `fetch` raises. */
export async function ask<Result, Variables>(
  document: TypedDocumentString<Result, Variables>,
  variables: Variables,
  signal?: AbortSignal,
): Promise<Result> {
  let response: Response;
  try {
    response = await fetch(ENDPOINT, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: ACCEPT, ...authorization() },
      body: JSON.stringify({ query: document.toString(), variables }),
      signal: signal ?? null,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new AskError("offline", String(error));
  }
  return dataOf<Result>(response.status, await response.text());
}

/** What an HTTP answer holds, whatever its status. Raises AskError. */
export function dataOf<Result>(status: number, body: string): Result {
  let answer: Answer<Result>;
  try {
    answer = JSON.parse(body);
  } catch {
    throw new AskError(status === 503 ? "unavailable" : "server", `HTTP ${status}`);
  }
  const [error] = answer.errors ?? [];
  if (error) throw new AskError(troubleOf(status, error.extensions?.code), wordsOf(error));
  if (!answer.data) throw new AskError("server", `HTTP ${status}`);
  return answer.data;
}

export function troubleOf(status: number, code: string | undefined): Trouble {
  if (status === 401 || code === "UNAUTHENTICATED") return "token";
  if (status === 403 || code === "FORBIDDEN") return "forbidden";
  if (status === 503 || code === "NO_PUBLICATION") return "unavailable";
  if (code === "BAD_USER_INPUT") return "input";
  return "server";
}

function wordsOf(error: GraphQLError): string {
  const requestId = error.extensions?.requestId;
  return requestId ? `${error.message} (${requestId})` : error.message;
}
