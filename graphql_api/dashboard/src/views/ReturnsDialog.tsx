/** The returns of a unit and month: what became of them, their issues, receipts, and the form to fill in. */
import { useState } from "preact/hooks";
import { AskError, ask } from "../api/client";
import { moment, monthName } from "../format";
import {
  IssuesOfDocument,
  type IssuesOfQuery,
  type ReturnFieldsFragment,
  ReturnsOfDocument,
} from "../gql/graphql";
import { Dialog } from "../parts/Dialog";
import { FileButton } from "../parts/FileButton";
import { IssueTable } from "../parts/Issues";
import { Empty, Failure, Shown } from "../parts/Notices";
import { TokenDialog } from "../parts/TokenDialog";
import { useAnswer } from "../state/answers";
import type { Unit } from "../state/catalogue";
import { choices, choose } from "../state/choices";
import { nameOf, words } from "../words";

type IssuesPage = NonNullable<IssuesOfQuery["return"]>["issues"];

export function ReturnsDialog({ unit, period }: { unit: Unit; period: string }) {
  const w = words();
  const answer = useAnswer(ReturnsOfDocument, { unit: unit.code, period });
  return (
    <Dialog
      title={w.returnsOf(nameOf(unit), monthName(period))}
      kind="drawer"
      onClose={() => choose({ cell: null, ret: null })}
    >
      <FileButton
        path={`/templates/${unit.code}/${period}.xlsx`}
        name={`${unit.nameZh}_${period}.xlsx`}
        words={w.template}
      />
      <Shown answer={answer}>
        {({ returns }) =>
          returns.edges.length === 0 ? (
            <Empty>{w.noReturns}</Empty>
          ) : (
            <ul class="returns">
              {returns.edges.map(({ node }) => (
                <li key={node.id}>
                  <OneReturn found={node} />
                </li>
              ))}
            </ul>
          )
        }
      </Shown>
    </Dialog>
  );
}

/** One return; without `issues` where they are shown beside it anyway. */
export function OneReturn({ found, issues = true }: { found: ReturnFieldsFragment; issues?: boolean }) {
  const w = words();
  const count = found.issueCounts.reduce((sum, each) => sum + each.count, 0);
  const open = choices.value.ret === found.id;
  return (
    <article class="return">
      <header>
        <h3>{found.fileName}</h3>
        <span class={`status ${found.status}`}>{w.status[found.status]}</span>
      </header>
      <p>
        {found.id} · {w.revision(found.revision)} · {w.receivedAt} {moment(found.receivedAt)}
        {found.withdrawn && <> · {w.withdrawn}</>}
        {found.lockedOut && <> · {w.lockedOut}</>}
      </p>
      <p>
        {w.clauses(w.rowsAccepted(found.rowsAccepted), w.rowsHeldOut(found.rowsHeldOut))}
        {found.issueCounts.map((each) => (
          <span key={each.severity} class={`severity ${each.severity}`}>
            {w.severity[each.severity]} {each.count}
          </span>
        ))}
      </p>
      <p class="actions no-print">
        {issues && count > 0 && (
          <button
            type="button"
            aria-expanded={open}
            onClick={() => choose({ ret: open ? null : found.id }, "replace")}
          >
            {w.showIssues} ({count})
          </button>
        )}
        <FileButton path={`/receipts/${found.id}.xlsx`} name={`${found.id}.xlsx`} words={w.receipt} />
      </p>
      {issues && open && <Issues id={found.id} />}
    </article>
  );
}

function Issues({ id }: { id: string }) {
  const w = words();
  const answer = useAnswer(IssuesOfDocument, { id });
  const [pages, setPages] = useState<IssuesPage[]>([]);
  const [failed, setFailed] = useState<AskError | null>(null);
  const [signingIn, setSigningIn] = useState(false);
  if (answer.error?.trouble === "forbidden") {
    return (
      <p class="notice">
        {w.issuesForbidden}{" "}
        <button type="button" onClick={() => setSigningIn(true)}>
          {w.token}
        </button>
        {signingIn && <TokenDialog onClose={() => setSigningIn(false)} />}
      </p>
    );
  }
  return (
    <Shown answer={answer}>
      {(data) => {
        const first = data.return?.issues;
        if (!first || first.totalCount === 0) return <Empty>{w.noIssues}</Empty>;
        const all = [first, ...pages];
        const last = all.at(-1)?.pageInfo;
        const more = async (): Promise<void> => {
          try {
            const next = await ask(IssuesOfDocument, { id, after: last?.endCursor ?? null });
            if (next.return) setPages([...pages, next.return.issues]);
          } catch (error) {
            setFailed(error instanceof AskError ? error : new AskError("server", String(error)));
          }
        };
        return (
          <>
            <p>{w.issuesCount(first.totalCount)}</p>
            <IssueTable issues={all.flatMap((page) => page.edges.map((edge) => edge.node))} />
            {failed && <Failure error={failed} />}
            {last?.hasNextPage && (
              <button type="button" onClick={() => void more()}>
                {w.more}
              </button>
            )}
          </>
        );
      }}
    </Shown>
  );
}
