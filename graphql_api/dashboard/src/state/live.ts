/**
 * Knowing that a publication went live: the server tells it by Server-Sent Events; where that fails, it is asked for.
 */
import { signal } from "@preact/signals";
import { ask, ENDPOINT } from "../api/client";
import { PublicationChangedDocument, PublishedDocument } from "../gql/graphql";
import { askAgain } from "./answers";

const POLL_MILLISECONDS = 15_000;

/** The publication that the page shows; null before the first answer. */
export const shown = signal<string | null>(null);
/** Set for a moment after the page has refreshed itself. */
export const refreshed = signal(false);

let polling: ReturnType<typeof setInterval> | undefined;

/** Takes note of the publication that the server has now. */
export function seen(id: string): void {
  if (shown.value === null) {
    shown.value = id;
  } else if (shown.value !== id) {
    shown.value = id;
    askAgain();
    refreshed.value = true;
    setTimeout(() => {
      refreshed.value = false;
    }, 8_000);
  }
}

export function follow(): void {
  const query = PublicationChangedDocument.toString();
  const events = new EventSource(`${ENDPOINT}?query=${encodeURIComponent(query)}`);
  events.addEventListener("next", (event: MessageEvent<string>) => {
    const answer = JSON.parse(event.data);
    const id: unknown = answer?.data?.publicationChanged?.id;
    if (typeof id === "string") seen(id);
  });
  events.addEventListener("open", () => {
    clearInterval(polling);
    polling = undefined;
    // What went live while nobody listened.
    void look();
  });
  events.addEventListener("error", () => {
    // A browser tries again by itself, but not after an answer that is no stream.
    polling ??= setInterval(() => {
      void look();
      if (events.readyState === EventSource.CLOSED) {
        clearInterval(polling);
        polling = undefined;
        follow();
      }
    }, POLL_MILLISECONDS);
  });
}

async function look(): Promise<void> {
  try {
    seen((await ask(PublishedDocument, {})).publication.id);
  } catch {
    // Out of reach for now: the views say so, and the next look may succeed.
  }
}
