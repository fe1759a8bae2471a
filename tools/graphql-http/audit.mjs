// Runs the audits of the GraphQL over HTTP specification against a server: node audit.mjs URL. Fails on an error or a warning;
// a notice is of what a server may do and this one doesn't, such as GET.
import { auditServer } from 'graphql-http';

const [url] = process.argv.slice(2);
const results = await auditServer({ url });
const count = { ok: 0, notice: 0, warn: 0, error: 0 };
for (const result of results) {
  count[result.status]++;
  if (result.status !== 'ok') {
    console.log(`${result.status}: ${result.id} ${result.name}: ${result.reason}`);
  }
}
console.log(`prove: ${results.length} audits: ${count.error} errors, ${count.warn} warnings, ${count.notice} notices`);
process.exit(count.error + count.warn > 0 || results.length < 61 ? 1 : 0);
