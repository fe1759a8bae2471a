// Monaco checks and completes in web workers. Vite makes each `?worker` import a file of its own, which is all that the
// server's content security policy lets run. GraphiQL's 'setup-workers/vite' has the same imports, but inside a package:
// Vite's dev server bundles packages beforehand, can't read `?worker` there, and ends.
import type {} from 'monaco-editor';
import EditorWorker from 'monaco-editor/esm/vs/editor/editor.worker.js?worker';
import JsonWorker from 'monaco-editor/esm/vs/language/json/json.worker.js?worker';
import GraphQLWorker from './graphql.worker.ts?worker';

window.MonacoEnvironment = {
  getWorker(_id, label) {
    switch (label) {
      case 'json':
        return new JsonWorker();
      case 'graphql':
        return new GraphQLWorker();
      default:
        return new EditorWorker();
    }
  },
};
