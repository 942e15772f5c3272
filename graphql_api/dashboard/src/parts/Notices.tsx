/** What stands where figures would: loading, nothing there, or what went wrong and what to do. */
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import type { AskError } from "../api/client";
import { type Answered, askAgain } from "../state/answers";
import { words } from "../words";

export function Loading() {
  return (
    <p class="notice loading" role="status">
      {words().loading}
    </p>
  );
}

export function Empty({ children }: { children?: ComponentChildren }) {
  return <p class="notice empty">{children ?? words().empty}</p>;
}

export function Failure({ error }: { error: AskError }) {
  const { failed, trouble, retry } = words();
  return (
    <div class="notice failure" role="alert">
      <strong>{failed}</strong>
      <p>{trouble[error.trouble]}</p>
      {(error.trouble === "input" || error.trouble === "server") && <p class="quote">{error.message}</p>}
      <button type="button" onClick={askAgain}>
        {retry}
      </button>
    </div>
  );
}

/** An answer's figures; while the next answer is under way they stay, dimmed. */
export function Shown<Result>({
  answer,
  children,
}: {
  answer: Answered<Result>;
  children: (data: Result) => ComponentChildren;
}) {
  const there = answer.data !== null;
  useEffect(() => {
    // For whoever measures the page, in a browser's tools or a test: from here on there is something to read.
    if (there) performance.mark("figures");
  }, [there]);
  // Without a server, figures from before are better than none; the page says on top that they are.
  if (answer.error && !(answer.data && answer.error.trouble === "offline"))
    return <Failure error={answer.error} />;
  if (!answer.data) return <Loading />;
  return (
    <div class="shown" aria-busy={answer.loading}>
      {children(answer.data)}
    </div>
  );
}
