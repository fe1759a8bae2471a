import './workers';
import 'graphiql/style.css';
import '@graphiql/plugin-explorer/style.css';
import './main.css';
import { explorerPlugin } from '@graphiql/plugin-explorer';
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql';
import { createRoot } from 'react-dom/client';
import { startingTabs } from './tabs';

// The server sends whole answers, no multipart parts, so asking for them would only blur errors.
const fetcher = createGraphiQLFetcher({ url: '/graphql', enableIncrementalDelivery: false });
const plugins = [HISTORY_PLUGIN, explorerPlugin()];

createRoot(document.getElementById('root')!).render(
  <GraphiQL fetcher={fetcher} plugins={plugins} {...startingTabs(localStorage)}>
    <GraphiQL.Logo>flowviz</GraphiQL.Logo>
  </GraphiQL>,
);
