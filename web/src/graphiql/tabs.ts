import type { GraphiQLProps } from 'graphiql';
import { examples } from './examples';

type StartingTabs = Pick<GraphiQLProps, 'defaultTabs' | 'initialQuery' | 'initialVariables'>;

/**
 * The examples, one a tab, for a visitor who has no tabs yet; nothing for one who does, so that their own work stays.
 * The first tab's content is given twice because GraphiQL 5.4 shows the query of the first default tab, not its variables.
 */
export function startingTabs(storage: Storage): StartingTabs {
  if (storage.getItem('graphiql:tabState') !== null) return {};
  const defaultTabs = examples.map(({ query, variables }) => ({
    query,
    variables: JSON.stringify(variables, null, 2),
  }));
  const [first] = defaultTabs;
  return { defaultTabs, initialQuery: first?.query, initialVariables: first?.variables };
}
