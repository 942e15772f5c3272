/** As much of a window as the choices of the page need: an address, and what listens to it. */
import { beforeEach } from "vitest";

const visited: string[] = [];

Object.assign(globalThis, {
  location: { search: "" },
  addEventListener: () => undefined,
  sessionStorage: { getItem: () => null },
  history: {
    pushState: (_state: unknown, _title: string, url: string) => visited.push(url),
    replaceState: (_state: unknown, _title: string, url: string) => visited.splice(-1, 1, url),
  },
});

/** The addresses that the page has gone to, the last one last. */
export function addresses(): readonly string[] {
  return visited;
}

// Loaded when the window is there.
const { choices, parse } = await import("../src/state/choices");

beforeEach(() => {
  visited.length = 0;
  choices.value = parse("");
});
