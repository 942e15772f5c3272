/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** How a value is judged: at least the target, at most the target, or tracked without a target (不低于、不高于、仅跟踪). */
export type Comparison =
  /** at least the target (不低于) */
  | 'AT_LEAST'
  /** at most the target (不高于) */
  | 'AT_MOST'
  /** tracked without a target (仅跟踪) */
  | 'TRACKED';

/** What an indicator can be cut by: reporting unit, key industry chain, cluster, month, year (单位、产业链、产业集群、月、年). */
export type Dimension =
  /** key industry chain (产业链) */
  | 'CHAIN'
  /** cluster (产业集群) */
  | 'CLUSTER'
  /** month (月) */
  | 'MONTH'
  /** reporting unit (单位) */
  | 'UNIT'
  /** year (年) */
  | 'YEAR';

/** Which rows count; what is left out does not restrict (筛选条件). */
export type Filter = {
  /** Rows of one of these chains (产业链). */
  chains?: Array<string | number> | null | undefined;
  /** Rows of one of these clusters (产业集群). */
  clusters?: Array<string | number> | null | undefined;
  /** Rows inside, or outside, every chain and cluster of the programme (是否属于 7510 领域). */
  in7510?: boolean | null | undefined;
  /** Rows credited to one of these units (单位). */
  units?: Array<string | number> | null | undefined;
};

/** The span over which an indicator adds up: ANNUAL starts again each January, PROGRAMME runs over the whole programme (年度、三年). */
export type Horizon =
  /** each year anew (年度) */
  | 'ANNUAL'
  /** the whole programme (三年) */
  | 'PROGRAMME';

/** The order of groups: as in the code list, or by value; groups without a value stand last, ties in code-list order (排序). */
export type Order =
  /** as in the code list (按代码表) */
  | 'CODE_LIST'
  /** smallest value first (从小到大) */
  | 'VALUE_ASC'
  /** largest value first (从大到小) */
  | 'VALUE_DESC';

/** The value to date against what is expected to date: DONE reaches the target itself, AHEAD 1.1 times the expected value, ON_TRACK 0.9 times. NOT_REPORTED also where the value is hidden (进度). */
export type Pace =
  /** ahead of what is expected to date (超前) */
  | 'AHEAD'
  /** behind what is expected to date (滞后) */
  | 'BEHIND'
  /** target reached (已完成) */
  | 'DONE'
  /** not reported, or hidden (未上报) */
  | 'NOT_REPORTED'
  /** no target (无目标) */
  | 'NO_TARGET'
  /** on track (正常) */
  | 'ON_TRACK';

/** What has come of a unit's return of a month. NIL: all it reported are nil declarations (未到期、待报、按时、迟报、零报告、无需上报). */
export type ReportingState =
  /** overdue and not received (待报) */
  | 'AWAITED'
  /** received late (迟报) */
  | 'LATE'
  /** nil declarations only (零报告) */
  | 'NIL'
  /** not due yet (未到期) */
  | 'NOT_DUE'
  /** no return is owed (无需上报) */
  | 'NOT_EXPECTED'
  /** received on time (按时) */
  | 'ON_TIME';

/** What has become of a return: RECEIVED is not checked yet; REPLACED had its say until later returns of the same unit and month, or a decision (`withdrawn`), took it (报表状态). */
export type ReturnStatus =
  /** accepted (已采纳) */
  | 'ACCEPTED'
  /** accepted without the rows that have errors (部分采纳) */
  | 'ACCEPTED_WITH_ISSUES'
  /** received, not checked yet (已接收) */
  | 'RECEIVED'
  /** rejected (已退回) */
  | 'REJECTED'
  /** replaced by later returns or withdrawn (已被替代) */
  | 'REPLACED';

/** Who asks: without a token the public; a reporting unit, an analyst, the city union (公众、填报单位、分析人员、市总工会). */
export type Role =
  /** an analyst (分析人员) */
  | 'ANALYST'
  /** the city union (市总工会) */
  | 'CITY'
  /** without a token (公众) */
  | 'PUBLIC'
  /** a reporting unit (填报单位) */
  | 'UNIT';

/** How grave an issue is: FATAL rejects the return, ERROR holds out the row, WARNING and INFO hold out nothing (严重程度). */
export type Severity =
  /** the row is held out (错误) */
  | 'ERROR'
  /** the return is rejected (退回) */
  | 'FATAL'
  /** for information (提示) */
  | 'INFO'
  /** counts; please check (警告) */
  | 'WARNING';

/** What a reporting unit is: the city's own level, a district, a county, a county-level city, or a zone (市本级、区、县、县级市、开发区/新区). */
export type UnitKind =
  /** county (县) */
  | 'COUNTY'
  /** county-level city (县级市) */
  | 'COUNTY_CITY'
  /** district (区) */
  | 'DISTRICT'
  /** the city's own level (市本级) */
  | 'MUNICIPAL'
  /** zone (开发区/新区) */
  | 'ZONE';

/** Why a value is what it is. ZERO was reported; NOT_REPORTED was not; NOT_APPLICABLE cannot have one; SUPPRESSED is hidden because it is small (数值状态). */
export type ValueState =
  /** cannot have a value (不适用) */
  | 'NOT_APPLICABLE'
  /** not reported (未上报) */
  | 'NOT_REPORTED'
  /** reported (已上报) */
  | 'REPORTED'
  /** hidden because it is small (数值较小未显示) */
  | 'SUPPRESSED'
  /** zero was reported (零) */
  | 'ZERO';

export type CatalogueQueryVariables = Exact<{ [key: string]: never; }>;


export type CatalogueQuery = { publication: { id: string, publishedAt: string, dataThrough: string | null, returnCount: number, rowCount: number, catalogVersion: string }, programme: { firstMonth: string, lastMonth: string, years: Array<number> }, measures: Array<{ number: number, nameZh: string, nameEn: string, indicators: Array<{ code: string, nameZh: string, nameEn: string, unitOfMeasure: string, unitOfMeasureEn: string, horizon: Horizon, comparison: Comparison, target: string | null, scope: string, sensitive: boolean, definition: string, formula: string | null }> }>, units: Array<{ code: string, nameZh: string, nameEn: string, shortZh: string, shortEn: string, kind: UnitKind, expected: boolean, host: { code: string, nameZh: string, nameEn: string } | null }> };

export type PublicationFieldsFragment = { id: string, publishedAt: string, dataThrough: string | null, returnCount: number, rowCount: number, catalogVersion: string };

export type IndicatorFieldsFragment = { code: string, nameZh: string, nameEn: string, unitOfMeasure: string, unitOfMeasureEn: string, horizon: Horizon, comparison: Comparison, target: string | null, scope: string, sensitive: boolean, definition: string, formula: string | null };

export type UnitFieldsFragment = { code: string, nameZh: string, nameEn: string, shortZh: string, shortEn: string, kind: UnitKind, expected: boolean };

export type PublishedQueryVariables = Exact<{ [key: string]: never; }>;


export type PublishedQuery = { publication: { id: string } };

export type ProgressQueryVariables = Exact<{
  year: number;
  through?: string | null | undefined;
  unit?: string | number | null | undefined;
  measure?: number | null | undefined;
  indicators?: Array<string | number> | string | number | null | undefined;
}>;


export type ProgressQuery = { progress: Array<{ from: string, through: string, value: string | null, state: ValueState, numerator: string | null, denominator: string | null, target: string | null, expectedToDate: string | null, attainment: string | null, gap: string | null, pace: Pace, forecast: string | null, indicator: { code: string }, unit: { code: string } | null, coverage: { expected: number, reported: number, late: number, missing: Array<{ code: string, nameZh: string, nameEn: string }> } }> };

export type ProgressFieldsFragment = { from: string, through: string, value: string | null, state: ValueState, numerator: string | null, denominator: string | null, target: string | null, expectedToDate: string | null, attainment: string | null, gap: string | null, pace: Pace, forecast: string | null, indicator: { code: string }, unit: { code: string } | null, coverage: { expected: number, reported: number, late: number, missing: Array<{ code: string, nameZh: string, nameEn: string }> } };

export type CoverageFieldsFragment = { expected: number, reported: number, late: number, missing: Array<{ code: string, nameZh: string, nameEn: string }> };

export type CurveQueryVariables = Exact<{
  indicator: string | number;
  from: string;
  through: string;
  to: string;
  unit?: string | number | null | undefined;
}>;


export type CurveQuery = { series: { points: Array<{ month: string, value: string | null, state: ValueState, target: string | null, coverage: { expected: number, reported: number } }> }, shown: { notes: Array<string> } };

export type SeriesFieldsFragment = { points: Array<{ month: string, value: string | null, state: ValueState, target: string | null, coverage: { expected: number, reported: number } }> };

export type GroupsQueryVariables = Exact<{
  indicator: string | number;
  by: Array<Dimension> | Dimension;
  from: string;
  to: string;
  filter?: Filter | null | undefined;
  order?: Order | null | undefined;
}>;


export type GroupsQuery = { breakdown: { total: string | null, totalState: ValueState, notes: Array<string>, groups: Array<{ value: string | null, state: ValueState, numerator: string | null, denominator: string | null, unit: { code: string, nameZh: string, nameEn: string, shortZh: string, shortEn: string } | null, chain: { code: string, nameZh: string, nameEn: string } | null, cluster: { code: string, nameZh: string, nameEn: string } | null }> } };

export type ReportingFieldsFragment = { period: string, dueOn: string, expected: number, received: number, onTime: number, cells: Array<{ state: ReportingState, receivedAt: string | null, ledgersReported: number, ledgersNil: number, ledgersMissing: number, unit: { code: string }, rejected: { id: string } | null }> };

export type DueQueryVariables = Exact<{
  period: string;
}>;


export type DueQuery = { reporting: { dueOn: string } };

export type ReturnsOfQueryVariables = Exact<{
  unit: string | number;
  period: string;
}>;


export type ReturnsOfQuery = { returns: { totalCount: number, edges: Array<{ node: { id: string, period: string, revision: number, status: ReturnStatus, receivedAt: string, fileName: string, sha256: string, rowsAccepted: number, rowsHeldOut: number, withdrawn: boolean, lockedOut: boolean, unit: { code: string }, issueCounts: Array<{ severity: Severity, count: number }> } }> } };

export type ReturnFieldsFragment = { id: string, period: string, revision: number, status: ReturnStatus, receivedAt: string, fileName: string, sha256: string, rowsAccepted: number, rowsHeldOut: number, withdrawn: boolean, lockedOut: boolean, unit: { code: string }, issueCounts: Array<{ severity: Severity, count: number }> };

export type IssuesOfQueryVariables = Exact<{
  id: string | number;
  after?: string | null | undefined;
}>;


export type IssuesOfQuery = { return: { id: string, period: string, revision: number, status: ReturnStatus, receivedAt: string, fileName: string, sha256: string, rowsAccepted: number, rowsHeldOut: number, withdrawn: boolean, lockedOut: boolean, issues: { totalCount: number, edges: Array<{ node: { rule: string, severity: Severity, sheet: string | null, cell: string | null, column: string | null, label: string | null, found: string | null, expected: string, messageZh: string, messageEn: string } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } }, unit: { code: string }, issueCounts: Array<{ severity: Severity, count: number }> } | null };

export type IssueFieldsFragment = { rule: string, severity: Severity, sheet: string | null, cell: string | null, column: string | null, label: string | null, found: string | null, expected: string, messageZh: string, messageEn: string };

export type RowsQueryVariables = Exact<{
  year: number;
  through?: string | null | undefined;
  unit?: string | number | null | undefined;
  indicator: string | number;
  after?: string | null | undefined;
}>;


export type RowsQuery = { progress: Array<{ contributions: { totalCount: number, edges: Array<{ node: { happenedOn: string, value: string, sheet: string, row: number, unit: { code: string }, return: { id: string, fileName: string, period: string } } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } }> };

export type MeQueryVariables = Exact<{ [key: string]: never; }>;


export type MeQuery = { me: { role: Role, maySubmit: boolean, unit: { code: string, nameZh: string, nameEn: string } | null } };

export type SubmitReturnMutationVariables = Exact<{
  file: File;
  unit?: string | number | null | undefined;
  period?: string | null | undefined;
  dryRun: boolean;
}>;


export type SubmitReturnMutation = { submitReturn: { accepted: boolean, duplicate: boolean, returnId: string | null, return: { id: string, period: string, revision: number, status: ReturnStatus, receivedAt: string, fileName: string, sha256: string, rowsAccepted: number, rowsHeldOut: number, withdrawn: boolean, lockedOut: boolean, unit: { code: string }, issueCounts: Array<{ severity: Severity, count: number }> } | null, issues: Array<{ rule: string, severity: Severity, sheet: string | null, cell: string | null, column: string | null, label: string | null, found: string | null, expected: string, messageZh: string, messageEn: string }> } };

export type PublicationChangedSubscriptionVariables = Exact<{ [key: string]: never; }>;


export type PublicationChangedSubscription = { publicationChanged: { id: string } };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}
export const PublicationFieldsFragmentDoc = new TypedDocumentString(`
    fragment PublicationFields on Publication {
  id
  publishedAt
  dataThrough
  returnCount
  rowCount
  catalogVersion
}
    `, {"fragmentName":"PublicationFields"}) as unknown as TypedDocumentString<PublicationFieldsFragment, unknown>;
export const IndicatorFieldsFragmentDoc = new TypedDocumentString(`
    fragment IndicatorFields on Indicator {
  code
  nameZh
  nameEn
  unitOfMeasure
  unitOfMeasureEn
  horizon
  comparison
  target
  scope
  sensitive
  definition
  formula
}
    `, {"fragmentName":"IndicatorFields"}) as unknown as TypedDocumentString<IndicatorFieldsFragment, unknown>;
export const UnitFieldsFragmentDoc = new TypedDocumentString(`
    fragment UnitFields on Unit {
  code
  nameZh
  nameEn
  shortZh
  shortEn
  kind
  expected
}
    `, {"fragmentName":"UnitFields"}) as unknown as TypedDocumentString<UnitFieldsFragment, unknown>;
export const CoverageFieldsFragmentDoc = new TypedDocumentString(`
    fragment CoverageFields on Coverage {
  expected
  reported
  late
  missing {
    code
    nameZh
    nameEn
  }
}
    `, {"fragmentName":"CoverageFields"}) as unknown as TypedDocumentString<CoverageFieldsFragment, unknown>;
export const ProgressFieldsFragmentDoc = new TypedDocumentString(`
    fragment ProgressFields on Progress {
  indicator {
    code
  }
  unit {
    code
  }
  from
  through
  value
  state
  numerator
  denominator
  target
  expectedToDate
  attainment
  gap
  pace
  forecast
  coverage {
    ...CoverageFields
  }
}
    fragment CoverageFields on Coverage {
  expected
  reported
  late
  missing {
    code
    nameZh
    nameEn
  }
}`, {"fragmentName":"ProgressFields"}) as unknown as TypedDocumentString<ProgressFieldsFragment, unknown>;
export const SeriesFieldsFragmentDoc = new TypedDocumentString(`
    fragment SeriesFields on Series {
  points {
    month
    value
    state
    target
    coverage {
      expected
      reported
    }
  }
}
    `, {"fragmentName":"SeriesFields"}) as unknown as TypedDocumentString<SeriesFieldsFragment, unknown>;
export const ReportingFieldsFragmentDoc = new TypedDocumentString(`
    fragment ReportingFields on Reporting {
  period
  dueOn
  expected
  received
  onTime
  cells {
    unit {
      code
    }
    state
    receivedAt
    ledgersReported
    ledgersNil
    ledgersMissing
    rejected {
      id
    }
  }
}
    `, {"fragmentName":"ReportingFields"}) as unknown as TypedDocumentString<ReportingFieldsFragment, unknown>;
export const ReturnFieldsFragmentDoc = new TypedDocumentString(`
    fragment ReturnFields on Return {
  id
  unit {
    code
  }
  period
  revision
  status
  receivedAt
  fileName
  sha256
  rowsAccepted
  rowsHeldOut
  withdrawn
  lockedOut
  issueCounts {
    severity
    count
  }
}
    `, {"fragmentName":"ReturnFields"}) as unknown as TypedDocumentString<ReturnFieldsFragment, unknown>;
export const IssueFieldsFragmentDoc = new TypedDocumentString(`
    fragment IssueFields on Issue {
  rule
  severity
  sheet
  cell
  column
  label
  found
  expected
  messageZh
  messageEn
}
    `, {"fragmentName":"IssueFields"}) as unknown as TypedDocumentString<IssueFieldsFragment, unknown>;
export const CatalogueDocument = new TypedDocumentString(`
    query Catalogue {
  publication {
    ...PublicationFields
  }
  programme {
    firstMonth
    lastMonth
    years
  }
  measures {
    number
    nameZh
    nameEn
    indicators {
      ...IndicatorFields
    }
  }
  units {
    ...UnitFields
    host {
      code
      nameZh
      nameEn
    }
  }
}
    fragment PublicationFields on Publication {
  id
  publishedAt
  dataThrough
  returnCount
  rowCount
  catalogVersion
}
fragment IndicatorFields on Indicator {
  code
  nameZh
  nameEn
  unitOfMeasure
  unitOfMeasureEn
  horizon
  comparison
  target
  scope
  sensitive
  definition
  formula
}
fragment UnitFields on Unit {
  code
  nameZh
  nameEn
  shortZh
  shortEn
  kind
  expected
}`) as unknown as TypedDocumentString<CatalogueQuery, CatalogueQueryVariables>;
export const PublishedDocument = new TypedDocumentString(`
    query Published {
  publication {
    id
  }
}
    `) as unknown as TypedDocumentString<PublishedQuery, PublishedQueryVariables>;
export const ProgressDocument = new TypedDocumentString(`
    query Progress($year: Int!, $through: YearMonth, $unit: ID, $measure: Int, $indicators: [ID!]) {
  progress(
    year: $year
    through: $through
    unit: $unit
    measure: $measure
    indicators: $indicators
  ) {
    ...ProgressFields
  }
}
    fragment ProgressFields on Progress {
  indicator {
    code
  }
  unit {
    code
  }
  from
  through
  value
  state
  numerator
  denominator
  target
  expectedToDate
  attainment
  gap
  pace
  forecast
  coverage {
    ...CoverageFields
  }
}
fragment CoverageFields on Coverage {
  expected
  reported
  late
  missing {
    code
    nameZh
    nameEn
  }
}`) as unknown as TypedDocumentString<ProgressQuery, ProgressQueryVariables>;
export const CurveDocument = new TypedDocumentString(`
    query Curve($indicator: ID!, $from: YearMonth!, $through: YearMonth!, $to: YearMonth!, $unit: ID) {
  series(
    indicator: $indicator
    from: $from
    to: $to
    unit: $unit
    cumulative: true
  ) {
    ...SeriesFields
  }
  shown: series(
    indicator: $indicator
    from: $from
    to: $through
    unit: $unit
    cumulative: true
  ) {
    notes
  }
}
    fragment SeriesFields on Series {
  points {
    month
    value
    state
    target
    coverage {
      expected
      reported
    }
  }
}`) as unknown as TypedDocumentString<CurveQuery, CurveQueryVariables>;
export const GroupsDocument = new TypedDocumentString(`
    query Groups($indicator: ID!, $by: [Dimension!]!, $from: YearMonth!, $to: YearMonth!, $filter: Filter, $order: Order) {
  breakdown(
    indicator: $indicator
    by: $by
    from: $from
    to: $to
    filter: $filter
    order: $order
  ) {
    total
    totalState
    groups {
      unit {
        code
        nameZh
        nameEn
        shortZh
        shortEn
      }
      chain {
        code
        nameZh
        nameEn
      }
      cluster {
        code
        nameZh
        nameEn
      }
      value
      state
      numerator
      denominator
    }
    notes
  }
}
    `) as unknown as TypedDocumentString<GroupsQuery, GroupsQueryVariables>;
export const DueDocument = new TypedDocumentString(`
    query Due($period: YearMonth!) {
  reporting(period: $period) {
    dueOn
  }
}
    `) as unknown as TypedDocumentString<DueQuery, DueQueryVariables>;
export const ReturnsOfDocument = new TypedDocumentString(`
    query ReturnsOf($unit: ID!, $period: YearMonth!) {
  returns(unit: $unit, period: $period, first: 50) {
    edges {
      node {
        ...ReturnFields
      }
    }
    totalCount
  }
}
    fragment ReturnFields on Return {
  id
  unit {
    code
  }
  period
  revision
  status
  receivedAt
  fileName
  sha256
  rowsAccepted
  rowsHeldOut
  withdrawn
  lockedOut
  issueCounts {
    severity
    count
  }
}`) as unknown as TypedDocumentString<ReturnsOfQuery, ReturnsOfQueryVariables>;
export const IssuesOfDocument = new TypedDocumentString(`
    query IssuesOf($id: ID!, $after: String) {
  return(id: $id) {
    ...ReturnFields
    issues(first: 50, after: $after) {
      edges {
        node {
          ...IssueFields
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
      totalCount
    }
  }
}
    fragment ReturnFields on Return {
  id
  unit {
    code
  }
  period
  revision
  status
  receivedAt
  fileName
  sha256
  rowsAccepted
  rowsHeldOut
  withdrawn
  lockedOut
  issueCounts {
    severity
    count
  }
}
fragment IssueFields on Issue {
  rule
  severity
  sheet
  cell
  column
  label
  found
  expected
  messageZh
  messageEn
}`) as unknown as TypedDocumentString<IssuesOfQuery, IssuesOfQueryVariables>;
export const RowsDocument = new TypedDocumentString(`
    query Rows($year: Int!, $through: YearMonth, $unit: ID, $indicator: ID!, $after: String) {
  progress(year: $year, through: $through, unit: $unit, indicators: [$indicator]) {
    contributions(first: 50, after: $after) {
      edges {
        node {
          unit {
            code
          }
          happenedOn
          value
          sheet
          row
          return {
            id
            fileName
            period
          }
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
      totalCount
    }
  }
}
    `) as unknown as TypedDocumentString<RowsQuery, RowsQueryVariables>;
export const MeDocument = new TypedDocumentString(`
    query Me {
  me {
    role
    unit {
      code
      nameZh
      nameEn
    }
    maySubmit
  }
}
    `) as unknown as TypedDocumentString<MeQuery, MeQueryVariables>;
export const SubmitReturnDocument = new TypedDocumentString(`
    mutation SubmitReturn($file: Upload!, $unit: ID, $period: YearMonth, $dryRun: Boolean!) {
  submitReturn(file: $file, unit: $unit, period: $period, dryRun: $dryRun) {
    accepted
    duplicate
    returnId
    return {
      ...ReturnFields
    }
    issues {
      ...IssueFields
    }
  }
}
    fragment ReturnFields on Return {
  id
  unit {
    code
  }
  period
  revision
  status
  receivedAt
  fileName
  sha256
  rowsAccepted
  rowsHeldOut
  withdrawn
  lockedOut
  issueCounts {
    severity
    count
  }
}
fragment IssueFields on Issue {
  rule
  severity
  sheet
  cell
  column
  label
  found
  expected
  messageZh
  messageEn
}`) as unknown as TypedDocumentString<SubmitReturnMutation, SubmitReturnMutationVariables>;
export const PublicationChangedDocument = new TypedDocumentString(`
    subscription PublicationChanged {
  publicationChanged {
    id
  }
}
    `) as unknown as TypedDocumentString<PublicationChangedSubscription, PublicationChangedSubscriptionVariables>;