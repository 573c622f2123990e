// PostGraphile 5 over the same tables: filters, simple names, and the links our catalog knows but the database does not.
// It runs in the folder into which postgraphile.py has installed the packages.
import { createServer } from "node:http";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { postgraphile } from "postgraphile";
import { jsonPgSmartTags } from "postgraphile/utils";
import { PgAggregatesPreset } from "@graphile/pg-aggregates";
import { PostGraphileConnectionFilterPreset } from "postgraphile-plugin-connection-filter";

const links = jsonPgSmartTags({
  version: 1,
  config: {
    class: {
      "pool_market_regulation.enterprise": {
        tags: {
          foreignKey: "(town_code) references pool_civil_affairs.division (code)|@fieldName town|@foreignFieldName enterprises",
        },
      },
      "pool_market_regulation.licence": {
        tags: {
          foreignKey: "(holder_code) references pool_market_regulation.enterprise (credit_code)|@fieldName holder|@foreignFieldName licences",
        },
      },
      "pool_development_reform.project": {
        tags: {
          foreignKey: "(owner_code) references pool_market_regulation.enterprise (credit_code)|@fieldName owner|@foreignFieldName projects",
        },
      },
    },
  },
});

// The aggregates have a count of different values only, which costs a sort that the others are not asked for.
const counts = {
  name: "PlainCountPlugin",
  after: ["PgAggregatesSpecsPlugin"],
  schema: {
    hooks: {
      build(build) {
        build.pgAggregateSpecs.push({
          id: "count",
          humanLabel: "count",
          HumanLabel: "Count",
          isSuitableType: () => true,
          sqlAggregateWrap: (fragment) => build.sql`count(${fragment})`,
          pgTypeCodecModifier: () => build.dataplanPg.TYPES.bigint,
        });
        return build;
      },
    },
  },
};

const preset = {
  extends: [PostGraphileAmberPreset, PostGraphileConnectionFilterPreset, PgAggregatesPreset],
  plugins: [links, counts],
  grafast: { explain: false },
  grafserv: { graphiql: false, watch: false },
  pgServices: [
    makePgService({
      connectionString: process.env.BENCH_DATABASE_URL,
      schemas: ["pool_market_regulation", "pool_development_reform", "pool_civil_affairs"],
      poolConfig: { max: 8 },
      pubsub: false,
    }),
  ],
};

const instance = postgraphile(preset);
const server = createServer();
await instance.createServ(grafserv).addTo(server);
server.keepAliveTimeout = 75_000;
server.listen(Number(process.argv[2]), "127.0.0.1");
