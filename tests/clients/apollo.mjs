// Apollo Client: its normalised cache, pages joined, errors, a subscription over a WebSocket.
import assert from 'node:assert/strict';
import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { OperationTypeNode } from 'graphql';
import { relayStylePagination } from '@apollo/client/utilities';
import { createClient } from 'graphql-ws';
import { filter, firstValueFrom } from 'rxjs';
import { WebSocket } from 'ws';

const RETURNS = gql`query ($first: Int!, $after: String) {
  returns(first: $first, after: $after) { totalCount pageInfo { hasNextPage endCursor } edges { cursor node { id } } }
}`;

export default async function apollo({ url }) {
  const sockets = createClient({ url: url.replace('http', 'ws'), webSocketImpl: WebSocket, lazyCloseTimeout: 0 });
  const client = new ApolloClient({
    link: ApolloLink.split(
      ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
      new GraphQLWsLink(sockets),
      new HttpLink({ uri: url }),
    ),
    cache: new InMemoryCache({ typePolicies: { Query: { fields: { returns: relayStylePagination() } } } }),
  });
  const watched = client.watchQuery({ query: RETURNS, variables: { first: 2 } });
  const { data } = await firstValueFrom(watched.pipe(filter((answer) => answer.data)));
  await watched.fetchMore({ variables: { after: data.returns.pageInfo.endCursor } });
  const joined = client.readQuery({ query: RETURNS, variables: { first: 2 } }).returns;
  assert.equal(new Set(joined.edges.map(({ node }) => node.id)).size, 4);
  assert.ok(joined.totalCount > 4);

  await client.query({ query: gql`{ units { id nameZh } indicators { id measure { id number } } }` });
  const kept = Object.keys(client.cache.extract());
  assert.ok(kept.filter((key) => key.startsWith('Unit:')).length > 20);
  assert.ok(kept.some((key) => key.startsWith('Measure:')));

  const refused = client.query({ query: gql`{ progress(year: 1900) { value } }` });
  await assert.rejects(refused, ({ errors }) => errors[0].extensions.code === 'BAD_USER_INPUT');

  const news = await new Promise((resolve, reject) => {
    const heard = client.subscribe({ query: gql`subscription { publicationChanged { id current } }` }).subscribe({
      next: ({ data }) => { heard.unsubscribe(); resolve(data); },
      error: reject,
    });
  });
  assert.equal(news.publicationChanged.current, true);
  client.stop();
  await sockets.dispose();
}
