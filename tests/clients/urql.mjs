// urql: queries by GET, variables, errors, a subscription as server-sent events.
import assert from 'node:assert/strict';
import { cacheExchange, Client, fetchExchange, gql } from '@urql/core';

export default async function urql({ url }) {
  const client = new Client({ url, exchanges: [cacheExchange, fetchExchange], preferGetMethod: 'force', fetchSubscriptions: true });
  const progress = gql`query ($year: Int!) { progress(year: $year) { value state indicator { code } } }`;
  const { data, error } = await client.query(progress, { year: 2024 }).toPromise();
  assert.equal(error, undefined);
  assert.ok(data.progress.length > 30);

  const refused = await client.query(progress, { year: 1900 }).toPromise();
  assert.equal(refused.error.graphQLErrors[0].extensions.argument, 'year');

  const subscription = gql`subscription { publicationChanged { id current } }`;
  const news = await new Promise((resolve, reject) => {
    const heard = client.subscription(subscription, {}).subscribe((answer) => {
      queueMicrotask(() => heard.unsubscribe());
      answer.error ? reject(answer.error) : resolve(answer.data);
    });
  });
  assert.equal(news.publicationChanged.current, true);
}
