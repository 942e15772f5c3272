// PostGraphile with its own preset over one schema of a database: `node server.mjs ADDRESS-OF-DATABASE PORT`.
import { createServer } from 'node:http';
import { postgraphile } from 'postgraphile';
import { makePgService } from 'postgraphile/adaptors/pg';
import { grafserv } from 'postgraphile/grafserv/node';
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber';

// PostGraphile takes this for granted; Node has it from version 22 on, and goes wrong in silence before.
Promise.withResolvers ??= function () {
  const made = {};
  made.promise = new this((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
};

const [connectionString, port] = process.argv.slice(2);
const service = postgraphile({
  extends: [PostGraphileAmberPreset],
  pgServices: [makePgService({ connectionString, schemas: ['served'], poolConfig: { max: 10 } })],
  grafserv: { graphiql: false, watch: false },
  grafast: { explain: false },
});
const server = createServer();
server.on('error', (error) => { console.error(error); process.exit(1); });
await service.createServ(grafserv).addTo(server);
server.listen(Number(port), '127.0.0.1');
