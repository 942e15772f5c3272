/** The token of a unit or of the city: kept for this tab only, and forgotten with it. */
import { signal } from "@preact/signals";

const KEY = "union7510.token";

export const token = signal(sessionStorage.getItem(KEY) ?? "");

export function setToken(text: string): void {
  const next = text.trim();
  if (next) sessionStorage.setItem(KEY, next);
  else sessionStorage.removeItem(KEY);
  token.value = next;
}
