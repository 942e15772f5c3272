/**
 * Handing in a workbook: a GraphQL multipart request, by XMLHttpRequest, which alone tells how far an upload is.
 *
 * See https://github.com/jaydenseric/graphql-multipart-request-spec
 */

import { SubmitReturnDocument, type SubmitReturnMutation } from "../gql/graphql";
import { AskError, authorization, dataOf, ENDPOINT } from "./client";

export type Submitted = SubmitReturnMutation["submitReturn"];

export interface Handing {
  file: File;
  unit: string | null;
  period: string | null;
  dryRun: boolean;
}

/** The parts of the request, in the order that the specification wants. */
export function formOf({ file, ...others }: Handing): FormData {
  const form = new FormData();
  const variables = { file: null, ...others };
  form.append("operations", JSON.stringify({ query: SubmitReturnDocument.toString(), variables }));
  form.append("map", JSON.stringify({ 0: ["variables.file"] }));
  form.append("0", file, file.name);
  return form;
}

/** Sends the file; `onProgress` hears the share that has been sent, 0 to 1. Rejects with AskError. */
export function handIn(
  handing: Handing,
  onProgress: (share: number) => void,
  signal: AbortSignal,
): Promise<Submitted> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", ENDPOINT);
    request.setRequestHeader("Accept", "application/graphql-response+json, application/json;q=0.9");
    for (const [name, value] of Object.entries(authorization())) request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    });
    request.addEventListener("load", () => {
      try {
        resolve(dataOf<SubmitReturnMutation>(request.status, request.responseText).submitReturn);
      } catch (error) {
        reject(error);
      }
    });
    request.addEventListener("error", () => reject(new AskError("offline", "XMLHttpRequest")));
    request.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
    signal.addEventListener("abort", () => request.abort());
    request.send(formOf(handing));
  });
}
