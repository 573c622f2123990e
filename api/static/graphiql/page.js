// The page at /graphql: GraphiQL, and a field for the token of the department to ask as. The token stays in this tab.
"use strict";
(() => {
  const KEPT = "yishu.token";
  const input = document.getElementById("token");
  const who = document.getElementById("who");

  const claims = (token) => {
    try {
      const part = token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/");
      return JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(part), (c) => c.charCodeAt(0))));
    } catch {
      return null;
    }
  };
  const show = () => {
    const token = input.value.trim();
    const said = token ? claims(token) : null;
    who.textContent = !token ? "public" : said ? [said.dept, ...(said.roles || [])].join(" · ") : "not a token";
  };
  const ask = async (parameters, options) => {
    const token = input.value.trim();
    const response = await fetch("/graphql", {
      method: "POST",
      headers: {
        "Accept": "application/graphql-response+json",
        "Content-Type": "application/json",
        ...(options && options.headers),
        ...(token ? { "Authorization": "Bearer " + token } : {}),
      },
      body: JSON.stringify(parameters),
    });
    return response.json();
  };
  const root = ReactDOM.createRoot(document.getElementById("graphiql"));
  const draw = () => root.render(React.createElement(GraphiQL, {
    fetcher: (...request) => ask(...request), // another fetcher: a new token may use another schema, so it is asked for anew
    defaultQuery: "# One datum, used everywhere. Ask as a department: paste its token above.\n{\n  access {\n    me { department }\n  }\n}\n",
  }));

  input.value = sessionStorage.getItem(KEPT) || "";
  input.addEventListener("input", show);
  input.addEventListener("change", () => {
    sessionStorage.setItem(KEPT, input.value.trim());
    draw();
  });
  show();
  draw();
})();
