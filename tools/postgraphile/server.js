// PostGraphile on the schema bench, as its documentation recommends for production: nothing watched, no GraphiQL, nothing explained.
//
//	DATABASE_URL=… SITES={1,2} ADDRESS=127.0.0.1:5690 node server.js
//
// Like the API, it reads as a role under row level security, with the setting of its transaction that the policies read.
import { createServer } from "node:http";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";

const pgl = postgraphile({
  extends: [PostGraphileAmberPreset],
  pgServices: [makePgService({ connectionString: process.env.DATABASE_URL, schemas: ["bench"] })],
  gather: { pgStrictFunctions: false },
  grafserv: { graphqlPath: "/graphql", graphiql: false, watch: false },
  grafast: { explain: false, context: { pgSettings: { "flowviz.sites": process.env.SITES } } },
});
await pgl.getSchema(); // ready only when it can answer
const answer = pgl.createServ(grafserv).createHandler();
const server = createServer((req, res) => (req.url === "/ready" ? res.end() : answer(req, res)));
process.on("SIGINT", () => process.exit(0));
const [host, port] = process.env.ADDRESS.split(":");
server.listen(Number(port), host);
