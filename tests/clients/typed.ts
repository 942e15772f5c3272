// A front end's code over the types that graphql-codegen makes of operations.graphql; checked by tsc --strict, never run.
import type { AnythingQuery, GroupsQueryVariables, LiveSubscription, OverviewQuery, ReturnsQuery } from './generated';

export function line({ indicator, value, state, target }: OverviewQuery['progress'][number]): string {
  // @ts-expect-error a value may be missing, and its state says why
  value.length;
  // @ts-expect-error exact decimals are texts, no numbers
  const number: number | null = target;
  return `${indicator.nameZh} ${indicator.measure.number}: ${value ?? state}${number ?? ''}`;
}

export function names(page: ReturnsQuery): string[] {
  return page.returns.edges.map(({ node }) => `${node.id} ${node.unit.code} ${node.fileName}`);
}

export function label(found: AnythingQuery): string {
  // @ts-expect-error of an unknown id there is no node
  found.node.id;
  if (found.node?.__typename === 'Unit') return found.node.nameZh;
  return found.node?.__typename === 'Indicator' ? found.node.code : 'other';
}

export const asked: GroupsQueryVariables = {
  indicator: 'honours', by: ['CHAIN'], from: '2024-01', to: '2024-03', filter: { in7510: true },
};
// @ts-expect-error no such dimension
export const wrong: GroupsQueryVariables = { ...asked, by: ['COLOUR'] };

export const heard = (news: LiveSubscription): string => news.publicationChanged.id;
