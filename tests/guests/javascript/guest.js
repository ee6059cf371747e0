// A provider in JavaScript: the whole contract, as small as it gets.
//
// What an author has to know: fields are camelCase, cases of variants are { tag, val }, enums and tags are
// kebab-case texts. A problem is thrown as an object; any other exception is a crash without a message.

const schema = { type: "object", additionalProperties: false, properties: { size: { type: "integer", default: 20 } } };

const problem = (code, message, remedy) => ({ code, message, remedy });

function command(verb, flags, effect) {
  return {
    tag: "command",
    val: {
      tool: "demo",
      verb,
      flags,
      positionals: [],
      effect,
      timeoutSeconds: 60,
      tolerates: { tag: "nothing" },
      secretOutput: false,
    },
  };
}

// State words of the cloud, in the words of the contract.
const states = { ready: "available", building: "pending", failed: "failed" };

function image(found) {
  return {
    id: found.id,
    name: found.name,
    description: found.description ?? "",
    state: states[found.state] ?? "unknown",
    createdAt: found.created,
    sizeGib: found.size,
    location: found.region,
    public: false,
    copies: [],
    tags: [],
    labels: { managed: true },
  };
}

function listImages(filter, history) {
  if (history.length === 0) {
    const flags = [{ name: "output", values: [{ tag: "text", val: "json" }] }];
    if (filter.namePrefix) {
      flags.push({ name: "prefix", values: [{ tag: "text", val: filter.namePrefix }] });
    }
    const action = command(["image", "list"], flags, "read");
    return { tag: "run", val: [{ id: "list", purpose: "List images", action }] };
  }
  let found;
  try {
    found = JSON.parse(history[0].stdout);
  } catch (error) {
    throw problem("tool-output", `the list of images is not JSON: ${error.message}`);
  }
  return { tag: "done", val: { tag: "images", val: found.map(image) } };
}

export const packerProvider = {
  describe() {
    return {
      id: "demo-javascript",
      title: "Demo cloud in JavaScript",
      version: "0.1.0",
      aliases: [],
      tools: [
        {
          program: "demo",
          title: "Demo CLI",
          installUrl: "https://example.org/demo",
          loginHint: "demo login",
          versionArgs: ["--version"],
        },
      ],
      requests: {
        builders: [{ name: "null", attributes: ["communicator"] }],
        packerPlugins: [],
        commands: [{ tool: "demo", verb: ["image", "list"], flags: ["output", "prefix"], effect: "read" }],
        guestPhases: [],
      },
      configSchema: JSON.stringify(schema),
    };
  },

  render(request) {
    const { size } = JSON.parse(request.config);
    const template = `source "null" "sindri" {\n  communicator = "none"\n}\n`;
    return { template, files: [], notices: [`${request.image.name}: ${size} GiB`] };
  },

  plan(request, history) {
    const { tag, val } = request.operation;
    if (tag === "list-images") return listImages(val, history);
    throw problem("unsupported-operation", `the demo cloud cannot ${tag}`, "use another cloud");
  },
};
