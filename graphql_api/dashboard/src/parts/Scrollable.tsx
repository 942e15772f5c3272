/** A region that scrolls sideways; it can be reached and scrolled by keys. */
import type { ComponentChildren } from "preact";

export function Scrollable({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys
    <section class="scroll" tabIndex={0} aria-label={label}>
      {children}
    </section>
  );
}
