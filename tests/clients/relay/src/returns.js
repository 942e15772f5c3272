// What a front end with Relay has: the compiler takes the documents out of this file, and it is never run.
import { graphql } from 'relay-runtime';

export const query = graphql`
  query returnsQuery {
    ...returns_list
  }
`;

export const list = graphql`
  fragment returns_list on Query
  @refetchable(queryName: "returnsPageQuery")
  @argumentDefinitions(first: { type: "Int", defaultValue: 2 }, after: { type: "String" }) {
    returns(first: $first, after: $after) @connection(key: "returns_list_returns") {
      edges {
        node {
          id
          unit {
            ...returns_unit
          }
        }
      }
    }
  }
`;

export const unit = graphql`
  fragment returns_unit on Unit @refetchable(queryName: "returnsUnitQuery") {
    id
    nameZh
    host {
      id
    }
  }
`;
