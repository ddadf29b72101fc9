// Every request the page makes; nothing else in the page calls fetch.
import { events } from "./sse.js";

const UNREACHABLE = "Softspoken can’t be reached right now.";

/** A request that failed, with one plain sentence for the person as its message. */
export class ApiError extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

async function request(path, { method = "GET", body, signal } = {}) {
  let response;
  try {
    response = await fetch(path, {
      method,
      signal,
      cache: "no-store",
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError(0, "unreachable", UNREACHABLE);
  }
  if (response.ok) return response;
  const said = await response.json().catch(() => null);
  const message = said?.error?.message || "Something went wrong on Softspoken’s side.";
  throw new ApiError(response.status, said?.error?.code || "unknown", message);
}

const json = async (path, options) => (await request(path, options)).json();
const at = (id) => `/api/conversations/${encodeURIComponent(id)}`;

export const about = () => json("/api/about");
export const exercises = async () => (await json("/api/exercises")).exercises;
export const conversations = async () => (await json("/api/conversations")).conversations;
export const conversation = (id) => json(at(id));
export const create = (body, signal) =>
  json("/api/conversations", { method: "POST", body, signal });
export const remove = (id) => request(at(id), { method: "DELETE" });
export const eraseAll = () => request("/api/data", { method: "DELETE" });
export const exportLink = (id, format) => `${at(id)}/export?format=${format}`;

/** Send a message; yields the events of the reply. A stream that breaks raises an ApiError. */
export async function* say(id, body, signal) {
  const response = await request(`${at(id)}/messages`, { method: "POST", body, signal });
  try {
    yield* events(response.body);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError(0, "cut", "The connection broke off before the reply was finished.");
  }
}
