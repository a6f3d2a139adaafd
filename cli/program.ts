// What cli/launch.ts starts, in one piece.

let main: typeof import('./main.ts') | undefined

/** Does what the arguments of the process say, and sets its exit code. */
export async function run(): Promise<void> {
  main = await import('./main.ts')
  await main.run()
}

/** Answers in a thread of cli/workers.ts. */
export async function runThread(): Promise<void> {
  await import('./worker.ts')
}

/** Whether a document was linted in this thread. */
export const hasLinted = (): boolean => main?.hasLinted() ?? false
