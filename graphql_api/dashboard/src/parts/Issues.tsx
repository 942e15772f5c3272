/** What was found in a return: where, what is wrong, what would pass. */
import type { IssueFieldsFragment } from "../gql/graphql";
import { choices } from "../state/choices";
import { halfOf, words } from "../words";
import { Scrollable } from "./Scrollable";

export function IssueTable({ issues }: { issues: readonly IssueFieldsFragment[] }) {
  const w = words();
  const { lang } = choices.value;
  return (
    <Scrollable label={w.issues}>
      <table class="issues">
        <thead>
          <tr>
            <th scope="col">{w.place}</th>
            <th scope="col">{w.problem}</th>
            <th scope="col">{w.wouldPass}</th>
          </tr>
        </thead>
        <tbody>
          {issues.map((issue, number) => (
            <tr key={number}>
              <td>
                {issue.sheet}
                {issue.cell && <b class="cell-name"> {issue.cell}</b>}
                {(issue.label ?? issue.column) && <div>{issue.label ?? issue.column}</div>}
              </td>
              <td>
                <span class={`severity ${issue.severity}`}>{w.severity[issue.severity]}</span>{" "}
                <small>{issue.rule}</small>
                <div>{lang === "zh" ? issue.messageZh : issue.messageEn}</div>
                {issue.found && <div class="found">{w.named(w.found, issue.found)}</div>}
              </td>
              <td>{halfOf(issue.expected)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scrollable>
  );
}
