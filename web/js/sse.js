// A parser of server-sent events that come over a fetch stream.

/** Yield `{name, data}` for each event of a response body; `data` is parsed JSON. */
export async function* events(body) {
  let name = "message";
  let data = [];
  for await (const line of lines(body)) {
    if (line === "") {
      if (data.length) yield { name, data: JSON.parse(data.join("\n")) };
      name = "message";
      data = [];
    } else if (!line.startsWith(":")) {
      const colon = line.indexOf(":");
      const field = colon < 0 ? line : line.slice(0, colon);
      const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
      if (field === "event") name = value;
      else if (field === "data") data.push(value);
    }
  }
}

/** Yield the lines of a byte stream; lines end with CRLF, LF or CR, wherever a chunk is cut. */
async function* lines(body) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      rest += done ? decoder.decode() : decoder.decode(value, { stream: true });
      // A CR at the very end may be the first half of a CRLF: it waits for the next chunk.
      const parts = rest.split(/\r\n|\n|\r(?!$)/);
      rest = parts.pop();
      yield* parts;
      if (done) return;
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
