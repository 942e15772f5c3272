// graphql-codegen over schema.graphql and operations.graphql, then TypeScript at its strictest over typed.ts.
import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { codegen } from '@graphql-codegen/core';
import * as typescriptPlugin from '@graphql-codegen/typescript';
import * as operationsPlugin from '@graphql-codegen/typescript-operations';
import { parse } from 'graphql';
import ts from 'typescript';

const here = (name) => new URL(name, import.meta.url).pathname;

export default async function types({ folder }) {
  const generated = await codegen({
    filename: 'generated.ts',
    schema: parse(readFileSync(here('../../schema.graphql'), 'utf8')),
    documents: [{ document: parse(readFileSync(here('operations.graphql'), 'utf8')) }],
    config: {
      strictScalars: true,
      enumsAsTypes: true,
      scalars: { Date: 'string', DateTime: 'string', YearMonth: 'string', Decimal: 'string', Upload: 'File' },
    },
    plugins: [{ typescript: {} }, { operations: {} }],
    pluginMap: { typescript: typescriptPlugin, operations: operationsPlugin },
  });
  writeFileSync(join(folder, 'generated.ts'), generated);
  copyFileSync(here('typed.ts'), join(folder, 'typed.ts'));
  const options = {
    strict: true, noEmit: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, types: [],
    lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'], target: ts.ScriptTarget.ES2022,
    moduleResolution: ts.ModuleResolutionKind.Bundler, module: ts.ModuleKind.ES2022,
  };
  const found = ts.getPreEmitDiagnostics(ts.createProgram([join(folder, 'typed.ts')], options));
  assert.deepEqual(found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n')), []);
}
