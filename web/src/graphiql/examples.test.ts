import { existsSync, readFileSync } from 'node:fs';
import {
  buildSchema,
  getOperationAST,
  getVariableValues,
  parse,
  validate,
  type DocumentNode,
  type OperationDefinitionNode,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import { examples } from './examples';

const schemaFile = new URL('../../../schema.graphql', import.meta.url);

function operation(document: DocumentNode): OperationDefinitionNode {
  const found = getOperationAST(document);
  if (!found) throw new Error('an example holds exactly one operation');
  return found;
}

function pascalCase(words: string): string {
  return words.replace(/(?:^| )(\w)/g, (_, letter: string) => letter.toUpperCase());
}

test("the first is the README's", () => {
  const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
  expect(readme).toContain('```graphql\n' + examples[0]?.query + '```');
});

describe.each(examples)('$title', ({ title, query, variables }) => {
  test('its tab says what it asks', () => {
    expect(operation(parse(query)).name?.value).toBe(pascalCase(title));
  });

  test.skipIf(!existsSync(schemaFile))('the schema can answer it', () => {
    const schema = buildSchema(readFileSync(schemaFile, 'utf8'));
    const document = parse(query);
    expect(validate(schema, document)).toEqual([]);
    const { errors } = getVariableValues(schema, operation(document).variableDefinitions ?? [], variables);
    expect(errors).toBeUndefined();
  });
});
