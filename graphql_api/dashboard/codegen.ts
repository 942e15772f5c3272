/** Types of every operation of the page, from the schema that the server publishes: `npm run codegen`. */
import type { CodegenConfig } from "@graphql-codegen/cli";

const config: CodegenConfig = {
  schema: "../../schema.graphql",
  documents: ["src/api/*.graphql"],
  generates: {
    "src/gql/": {
      preset: "client",
      // Operations travel as text: no GraphQL parser in the browser.
      presetConfig: { fragmentMasking: false },
      config: {
        documentMode: "string",
        // Only what the operations use, so that the API may grow without a change here.
        onlyOperationTypes: true,
        enumsAsTypes: true,
        useTypeImports: true,
        skipTypename: true,
        strictScalars: true,
        scalars: {
          Date: "string",
          DateTime: "string",
          Decimal: "string",
          YearMonth: "string",
          Upload: "File",
        },
      },
    },
  },
};

export default config;
