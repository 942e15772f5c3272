/** A dialog over the page: the browser keeps the focus inside, and Escape closes it. */
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { words } from "../words";

interface Props {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
  /** `drawer` slides in from the side, `box` stands in the middle. */
  kind: "drawer" | "box";
}

export function Dialog({ title, onClose, children, kind }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const element = dialog.current;
    const before = document.activeElement;
    element?.showModal();
    return () => {
      element?.close();
      // The browser gives the focus back only to a dialog that stays; this one is gone by then.
      if (before instanceof HTMLElement || before instanceof SVGElement)
        requestAnimationFrame(() => before.focus());
    };
  }, []);
  const closeOutside = (event: MouseEvent): void => {
    if (event.target === dialog.current) onClose();
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape and the button close it by keys
    <dialog ref={dialog} class={kind} aria-labelledby={heading} onClick={closeOutside} onCancel={onClose}>
      <div class="dialog-body">
        <header>
          <h2 id={heading}>{title}</h2>
          <button type="button" class="close" onClick={onClose} aria-label={words().close}>
            <svg viewBox="0 0 16 16" aria-hidden="true">
              <path d="m3 3 10 10M13 3 3 13" class="line" />
            </svg>
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}
