/** A link that changes some choices: a real address, so it can be copied, opened in a new tab, and followed by keys. */
import type { ComponentChildren } from "preact";
import { address, type Choices, choose } from "../state/choices";

interface Props {
  to: Partial<Choices>;
  children: ComponentChildren;
  class?: string;
  label?: string;
  current?: boolean;
}

export function Link({ to, children, class: name, label, current }: Props) {
  const follow = (event: MouseEvent): void => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    choose(to);
  };
  return (
    <a
      href={address(to)}
      class={name}
      aria-label={label}
      aria-current={current ? "page" : undefined}
      onClick={follow}
    >
      {children}
    </a>
  );
}
