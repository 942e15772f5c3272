/** Answers of the API for components: loading, there, or failed, and asked again when a publication goes live. */
import { signal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { AskError, ask } from "../api/client";
import type { TypedDocumentString } from "../gql/graphql";

/** Counts up when all answers are out of date: a new publication, another token, the reader's wish. */
export const generation = signal(0);

/** Whether the last request found no server; the page then shows what it has. */
export const offline = signal(false);

/** Answers of the current generation, so that going back asks nothing again. */
const known = new Map<string, Promise<unknown>>();

export interface Answered<Result> {
  /** The newest answer; stays while the next one is under way. */
  data: Result | null;
  error: AskError | null;
  /** Whether `data` does not belong to what is asked now, or is not there yet. */
  loading: boolean;
}

export function askAgain(): void {
  known.clear();
  generation.value += 1;
}

/** Asks, or gives the answer that is known. */
export function answerOf<Result, Variables>(
  document: TypedDocumentString<Result, Variables>,
  variables: Variables,
): Promise<Result> {
  const key = `${document.toString()} ${JSON.stringify(variables)}`;
  const found = known.get(key) as Promise<Result> | undefined;
  if (found) return found;
  const answer = ask(document, variables);
  known.set(key, answer);
  answer.then(
    () => {
      offline.value = false;
    },
    (error: unknown) => {
      known.delete(key);
      if (error instanceof AskError) offline.value = error.trouble === "offline";
    },
  );
  return answer;
}

/** The answer to an operation; `variables` null asks nothing. */
export function useAnswer<Result, Variables>(
  document: TypedDocumentString<Result, Variables>,
  variables: Variables | null,
): Answered<Result> {
  const key = variables === null ? null : `${document.toString()} ${JSON.stringify(variables)}`;
  const [state, setState] = useState<Answered<Result> & { key: string | null }>({
    data: null,
    error: null,
    loading: variables !== null,
    key: null,
  });
  const wanted = useRef<string | null>(null);
  const moment = generation.value;
  // The key stands for document and variables
  useEffect(() => {
    wanted.current = key;
    if (variables === null) {
      setState({ data: null, error: null, loading: false, key: null });
      return;
    }
    setState((before) => ({ ...before, loading: true, error: null }));
    let over = false;
    answerOf(document, variables).then(
      (data) => {
        if (!over) setState({ data, error: null, loading: false, key });
      },
      (error: unknown) => {
        const failed = error instanceof AskError ? error : new AskError("server", String(error));
        if (!over) setState((before) => ({ ...before, error: failed, loading: false }));
      },
    );
    return () => {
      over = true;
    };
  }, [key, moment]);
  // Between a new question and the effect that asks it, the old answer is already out of date.
  return key === state.key || variables === null ? state : { ...state, loading: state.error === null };
}
