/** Signing in: a token, kept for this tab only. */
import { useState } from "preact/hooks";
import { askAgain } from "../state/answers";
import { setToken, token } from "../state/token";
import { words } from "../words";
import { Dialog } from "./Dialog";

export function TokenDialog({ onClose }: { onClose: () => void }) {
  const { tokenTitle, tokenHint, tokenField, tokenSave, tokenForget } = words();
  const [text, setText] = useState("");
  const take = (next: string): void => {
    setToken(next);
    askAgain();
    onClose();
  };
  return (
    <Dialog title={tokenTitle} onClose={onClose} kind="box">
      <form
        class="token"
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim()) take(text);
        }}
      >
        <p>{tokenHint}</p>
        <label>
          <span>{tokenField}</span>
          <input
            type="password"
            name="token"
            autocomplete="off"
            spellcheck={false}
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </label>
        <p class="actions">
          <button type="submit" class="primary">
            {tokenSave}
          </button>
          {token.value && (
            <button type="button" onClick={() => take("")}>
              {tokenForget}
            </button>
          )}
        </p>
      </form>
    </Dialog>
  );
}
