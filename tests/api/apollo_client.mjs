// Asks the server whose URL is given through Apollo Client's link for persisted queries; prints one JSON line.
import { createHash } from "node:crypto";
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";

const [url, token, registered] = process.argv.slice(2);
const sha256 = (text) => createHash("sha256").update(text).digest("hex");
const document = gql`query Towns($first: Int!) { places(first: $first) { nodes { name } } }`;

async function ask(persisted, times, query) {
  const sent = [];
  const fetching = (target, options) => {
    const carried = options.body ?? decodeURIComponent(new URL(target).search);
    sent.push([options.method, /[{"?&]query["=]/.test(carried) ? "document" : "hash"].join(" "));
    return fetch(target, options);
  };
  const client = new ApolloClient({
    link: ApolloLink.from([
      new PersistedQueryLink(persisted),
      new HttpLink({ uri: url, fetch: fetching, headers: { authorization: token } }),
    ]),
    cache: new InMemoryCache(),
    defaultOptions: { query: { fetchPolicy: "no-cache", errorPolicy: "all" } },
  });
  const answers = [];
  for (let number = 1; number <= times; number += 1) {
    const { data, error } = await client.query({ query, variables: { first: number } });
    answers.push(error ? error.message : data.places.nodes.length);
  }
  return { sent, answers };
}

console.log(
  JSON.stringify({
    post: await ask({ sha256 }, 3, document),
    get: await ask({ sha256, useGETForHashedQueries: true }, 2, document),
    refused: await ask({ sha256 }, 1, gql`query Wrong($first: Int!) { nothing(first: $first) { x } }`),
    registered: await ask({ generateHash: () => registered, disable: () => false }, 2, document),
  }),
);
