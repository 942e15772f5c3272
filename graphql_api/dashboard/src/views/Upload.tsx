/** Handing in a return by dropping it on the page; what was found in it is shown at once. */
import { useEffect, useRef, useState } from "preact/hooks";
import { AskError } from "../api/client";
import { handIn, type Submitted } from "../api/upload";
import { MeDocument } from "../gql/graphql";
import { IssueTable } from "../parts/Issues";
import { Failure } from "../parts/Notices";
import { TokenDialog } from "../parts/TokenDialog";
import { useAnswer } from "../state/answers";
import { words } from "../words";
import { OneReturn } from "./ReturnsDialog";

type Stage =
  | { is: "waiting" }
  | { is: "sending"; share: number }
  | { is: "done"; result: Submitted; dryRun: boolean }
  | { is: "failed"; error: AskError };

/** Unit and month are read from the workbook; the choices of the page would only get in the way. */
export function Upload() {
  const w = words();
  const [stage, setStage] = useState<Stage>({ is: "waiting" });
  const [dryRun, setDryRun] = useState(false);
  const [over, setOver] = useState(false);
  const [signingIn, setSigningIn] = useState(false);
  const me = useAnswer(MeDocument, {});
  const field = useRef<HTMLInputElement>(null);
  const under = useRef<AbortController | undefined>(undefined);
  useEffect(() => () => under.current?.abort(), []);

  const send = async (file: File | undefined): Promise<void> => {
    if (!file) return;
    under.current?.abort();
    const controller = new AbortController();
    under.current = controller;
    setStage({ is: "sending", share: 0 });
    try {
      const result = await handIn(
        { file, unit: null, period: null, dryRun },
        (share) => setStage({ is: "sending", share }),
        controller.signal,
      );
      setStage({ is: "done", result, dryRun });
    } catch (error) {
      if (controller.signal.aborted) setStage({ is: "waiting" });
      else
        setStage({
          is: "failed",
          error: error instanceof AskError ? error : new AskError("server", String(error)),
        });
    } finally {
      // The same file may be chosen again once it is mended.
      if (field.current) field.current.value = "";
    }
  };

  return (
    <section class="panel upload no-print" aria-labelledby="upload">
      <h2 id="upload">{w.upload}</h2>
      {me.data?.me.maySubmit ? (
        <>
          <label
            class={over ? "drop over" : "drop"}
            onDragOver={(event) => {
              event.preventDefault();
              setOver(true);
            }}
            onDragLeave={() => setOver(false)}
            onDrop={(event) => {
              event.preventDefault();
              setOver(false);
              void send(event.dataTransfer?.files[0]);
            }}
          >
            <input
              ref={field}
              type="file"
              name="file"
              accept=".xlsx,.xlsm,.xls,.ods,.csv,.parquet"
              onChange={(event) => void send(event.currentTarget.files?.[0])}
            />
            <span>{w.uploadHint}</span>
          </label>
          <label class="check">
            <input
              type="checkbox"
              name="dryRun"
              checked={dryRun}
              onChange={(event) => setDryRun(event.currentTarget.checked)}
            />
            {w.dryRun}
          </label>
        </>
      ) : (
        <p class="notice" hidden={me.data === null}>
          {w.uploadToken}{" "}
          <button type="button" onClick={() => setSigningIn(true)}>
            {w.token}
          </button>
        </p>
      )}
      {signingIn && <TokenDialog onClose={() => setSigningIn(false)} />}
      <div aria-live="polite">
        {stage.is === "sending" && (
          <div class="sending">
            <progress
              max={1}
              {...(stage.share < 1 ? { value: stage.share } : {})}
              aria-label={stage.share < 1 ? w.uploading(Math.round(stage.share * 100)) : w.checking}
            />
            <span>{stage.share < 1 ? w.uploading(Math.round(stage.share * 100)) : w.checking}</span>
            <button type="button" onClick={() => under.current?.abort()}>
              {w.cancel}
            </button>
          </div>
        )}
        {stage.is === "failed" && <Failure error={stage.error} />}
        {stage.is === "done" && <Outcome result={stage.result} dryRun={stage.dryRun} />}
      </div>
    </section>
  );
}

function Outcome({ result, dryRun }: { result: Submitted; dryRun: boolean }) {
  return (
    <div class="outcome">
      <p class={result.accepted && result.issues.length === 0 ? "page-notice good" : "page-notice bad"}>
        {verdict(result, dryRun)}
      </p>
      {result.return && <OneReturn found={result.return} issues={false} />}
      {result.issues.length > 0 && <IssueTable issues={result.issues} />}
    </div>
  );
}

function verdict({ accepted, duplicate, issues }: Submitted, dryRun: boolean): string {
  const w = words();
  const grave = issues.some((issue) => issue.severity === "ERROR" || issue.severity === "FATAL");
  if (dryRun) return grave ? w.dryRunProblems : w.dryRunAccepted;
  if (!accepted) return w.uploadRejected;
  if (duplicate) return w.uploadDuplicate;
  return grave ? w.uploadPartly : w.uploadAccepted;
}
