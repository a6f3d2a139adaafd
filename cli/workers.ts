import { fileURLToPath } from 'node:url'
import workerpool, { type Pool } from 'workerpool'
import type { openProject } from '../engine/disk.ts'
import type { Plugged } from '../engine/plugins.ts'

/** How the configuration of documents is found, which workers do for themselves. */
export type ProjectOptions = Parameters<typeof openProject>[0]

/** A document for a worker. */
export interface Work {
  file: string
  path: string
  source: string
  /** What plugins said of it, which run elsewhere. */
  remarks?: Plugged['remarks']
}

/** Lints documents in threads of their own; one that crashes or hangs costs its own document only. */
export class Workers {
  private readonly pool: Pool
  private readonly secondsPerMegabyte: number

  /** Starts no thread yet. @param script what the threads run, and how long they may take; for tests */
  constructor(
    project: ProjectOptions,
    concurrency: number,
    {
      script = fileURLToPath(new URL('./worker.js', import.meta.url)),
      secondsPerMegabyte = 300,
    }: { script?: string; secondsPerMegabyte?: number } = {},
  ) {
    this.secondsPerMegabyte = secondsPerMegabyte
    this.pool = workerpool.pool(script, {
      workerType: 'thread',
      maxWorkers: concurrency,
      workerTerminateTimeout: 0,
      // options for Node itself are those of the program that runs, and may make no sense for a file of ours
      // and the young of V8's heap, 48 MB if left alone, are a sixth of the memory of a run, for no gain in time
      workerThreadOpts: { workerData: project, execArgv: [], resourceLimits: { maxYoungGenerationSizeMb: 12 } },
    })
  }

  /** What the document holds, as `pack` of the cache gives it. Rejects where linting crashes, or does not end. */
  async lint(work: Work): Promise<string> {
    const limit = this.secondsPerMegabyte * Math.max(0.2, work.source.length / 2 ** 20)
    try {
      return await this.pool.exec('lint', [work]).timeout(limit * 1000)
    } catch (error) {
      if (!(error instanceof workerpool.Promise.TimeoutError)) throw error
      throw new Error(`Linting it was given up after ${Math.round(limit)} seconds.`, { cause: error })
    }
  }

  /** Ends all threads, whatever they are doing. */
  async close(): Promise<void> {
    await this.pool.terminate(true)
  }
}
