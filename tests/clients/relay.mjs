// The Relay runtime over what relay-compiler made: pages of a connection, an object by its id, all by documentId.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import relay from 'relay-runtime';

const { Environment, fetchQuery, getSelector, Network, RecordSource, Store, createOperationDescriptor } = relay;

export default async function runtime({ url, folder }) {
  const artifact = createRequire(join(folder, 'artifacts/'));
  const environment = new Environment({
    store: new Store(new RecordSource()),
    network: Network.create(async ({ id, text }, variables) => {
      assert.equal(text, null); // the compiler left the hash only
      const headers = { 'Content-Type': 'application/json', Accept: 'application/graphql-response+json' };
      const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ documentId: id, variables }) });
      assert.equal(answer.status, 200);
      return answer.json();
    }),
  });
  const query = artifact('./returnsQuery.graphql');
  environment.retain(createOperationDescriptor(query, {}));
  const root = await fetchQuery(environment, query, {}).toPromise();
  const selector = getSelector(artifact('./returns_list.graphql'), root);
  const connection = () => environment.lookup(selector).data.returns;
  assert.equal(connection().edges.length, 2);

  const after = connection().pageInfo.endCursor;
  await fetchQuery(environment, artifact('./returnsPageQuery.graphql'), { first: 3, after }).toPromise();
  assert.equal(new Set(connection().edges.map(({ node }) => node.id)).size, 5);

  const unitFragment = artifact('./returns_unit.graphql');
  const unit = environment.lookup(getSelector(unitFragment, connection().edges[0].node.unit)).data;
  const again = await fetchQuery(environment, artifact('./returnsUnitQuery.graphql'), { id: unit.id }).toPromise();
  assert.equal(environment.lookup(getSelector(unitFragment, again.node)).data.nameZh, unit.nameZh);
}
