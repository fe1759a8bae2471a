// In a file of ours, so that Vite's dev server bundles the CommonJS packages behind it; a browser can't load those as they are.
import 'monaco-graphql/esm/graphql.worker.js';
