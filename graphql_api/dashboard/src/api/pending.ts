import {
  type IssueFieldsFragment,
  IssueFieldsFragmentDoc,
  type ReturnFieldsFragment,
  ReturnFieldsFragmentDoc,
  TypedDocumentString,
} from "../gql/graphql";

export interface SubmitReturnMutation {
  submitReturn: { accepted: boolean; return: ReturnFieldsFragment | null; issues: IssueFieldsFragment[] };
}
export const SubmitReturnDocument = new TypedDocumentString<
  SubmitReturnMutation,
  { file: File; unit: string | null; period: string | null; dryRun: boolean }
>(
  `mutation SubmitReturn($file: Upload!, $unit: ID, $period: YearMonth, $dryRun: Boolean!) {
    submitReturn(file: $file, unit: $unit, period: $period, dryRun: $dryRun) {
      accepted return { ...ReturnFields } issues { ...IssueFields }
    }
  } ${ReturnFieldsFragmentDoc} ${IssueFieldsFragmentDoc}`,
);
export const PublicationChangedDocument = new TypedDocumentString<
  { publicationChanged: { id: string } },
  Record<string, never>
>("subscription PublicationChanged { publicationChanged { id } }");
