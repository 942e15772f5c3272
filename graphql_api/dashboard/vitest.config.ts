/** The tests of what is pure: no browser, no server. Views are tested in Chromium, by tests/dashboard. */
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/*.test.ts"],
    setupFiles: ["test/window.ts"],
    // One small program: a process for each file would take longer than the tests.
    pool: "threads",
    isolate: false,
  },
});
