// What cli/launch.ts starts, in one piece.

/**
 * Does what the arguments of the process say, and sets its exit code.
 *
 * @param onLinted told of each text that was linted in this thread: its length in UTF-16 units
 */
export async function run(onLinted?: (length: number) => void): Promise<void> {
  const main = await import('./main.ts')
  await main.run(onLinted)
}

/** Answers in a thread of cli/workers.ts. */
export async function runThread(): Promise<void> {
  await import('./worker.ts')
}
