// The 61 audits of the suite "graphql-http" over one server: each as a line "ok|notice|warn|error TAB name TAB reason".
import { auditServer } from 'graphql-http';

const [url] = process.argv.slice(2);
for (const { status, name, reason } of await auditServer({ url, fetchFn: fetch })) {
  console.log([status, name, reason ?? ''].join('\t').replaceAll('\n', ' '));
}
