/** Colours and sizes of charts, read from the style sheet, so that there is one place for them. */

export interface Theme {
  ink: string;
  muted: string;
  line: string;
  actual: string;
  expected: string;
  target: string;
  highlight: string;
  fontFamily: string;
  /** Pixels of one rem, which grows on a wall. */
  rem: number;
  animated: boolean;
}

export function theme(): Theme {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    ink: colour("ink"),
    muted: colour("muted"),
    line: colour("line"),
    actual: colour("actual"),
    expected: colour("expected"),
    target: colour("target"),
    highlight: colour("highlight"),
    fontFamily: style.fontFamily,
    rem: Number.parseFloat(style.fontSize),
    animated: !matchMedia("(prefers-reduced-motion: reduce)").matches,
  };
}
