// graphql-ws and graphql-sse: one query, and two publications that go live.
import assert from 'node:assert/strict';
import { createClient as createEvents } from 'graphql-sse';
import { createClient as createSockets } from 'graphql-ws';
import { WebSocket } from 'ws';

async function listens(client) {
  for await (const answer of client.iterate({ query: '{ measure(number: 1) { number } }' })) {
    assert.deepEqual(answer, { data: { measure: { number: 1 } } });
  }
  const heard = [];
  for await (const { data } of client.iterate({ query: 'subscription { publicationChanged { id } }' })) {
    heard.push(data.publicationChanged.id);
    if (heard.length === 2) break;
  }
  assert.ok(heard[0] < heard[1]);
  const wrong = client.iterate({ query: '{ nothing }' });
  await assert.rejects(async () => { for await (const _ of wrong); });
  await client.dispose();
}

export default async function streams({ url }) {
  await Promise.all([
    listens(createSockets({ url: url.replace('http', 'ws'), webSocketImpl: WebSocket, lazy: true })),
    listens(createEvents({ url, retryAttempts: 0 })),
  ]);
}
