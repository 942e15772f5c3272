// Starts GraphiQL over the endpoint that sent the page: answers by HTTP, subscriptions by WebSocket.
const endpoint = new URL(location.pathname, location.href);
const socket = new URL(endpoint);
socket.protocol = endpoint.protocol === "https:" ? "wss:" : "ws:";

const welcome = `# 工会助力7510：左侧写查询，Ctrl+Enter 执行；文档在左上角。
# Write a query, run it with Ctrl+Enter; the schema's documentation is behind the book at the upper left.
# A token goes into “Headers” below: {"Authorization": "Bearer u7510_…"}

{
  publication { id publishedAt dataThrough }
  measures { number nameZh nameEn indicators { code nameZh } }
}
`;

const fetcher = GraphiQL.createFetcher({ url: endpoint.pathname, subscriptionUrl: socket.href });
ReactDOM.createRoot(document.getElementById("graphiql")).render(
  React.createElement(GraphiQL, { fetcher, defaultQuery: welcome }),
);
