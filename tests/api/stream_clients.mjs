// Asks the server whose URL is given with the clients front ends use, graphql-ws and graphql-sse; prints one JSON line.
import { createClient as createSocketClient } from "graphql-ws";
import { createClient as createStreamClient } from "graphql-sse";
import WebSocket from "ws";

const [url, token] = process.argv.slice(2);
const socket = createSocketClient({
  url: url.replace("http", "ws"),
  webSocketImpl: WebSocket,
  connectionParams: () => ({ Authorization: token }),
});
const stream = createStreamClient({ url, headers: () => ({ authorization: token }) });

function collect(client, query) {
  const results = [];
  return new Promise((resolve) =>
    client.subscribe(
      { query },
      {
        next: (result) => results.push(result.data ?? result.errors.map((error) => error.extensions?.code ?? error.message)),
        error: (error) => resolve({ results, error: Array.isArray(error) ? error.map((each) => each.message) : String(error) }),
        complete: () => resolve({ results }),
      },
    ),
  );
}

const told = {};
for (const [name, client] of Object.entries({ socket, stream })) {
  told[name] = {
    query: await collect(client, "{ me }"),
    subscription: await collect(client, "subscription { ticks }"),
    refused: await collect(client, "{ nothing }"),
  };
}
console.log(JSON.stringify(told));
process.exit(0);
